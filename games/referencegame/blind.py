"""What players of referencegame can say who see no grid: any fact, any answer."""

from collections.abc import Sequence

from games.contract import Instance, Message
from games.kit.regions import NAMED
from games.referencegame.master import GIVER
from games.referencegame.rules import ANSWERS


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List expressions that may be true of any grid, or the three answers."""
    if role == GIVER:
        return [f"Expression: the grid with {name} filled" for name in NAMED]
    return [f"Answer: {answer}" for answer in ANSWERS]
