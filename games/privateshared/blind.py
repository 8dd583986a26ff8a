"""What the player of privateshared can say who listens to no question."""

from collections.abc import Sequence

from games.contract import Instance, Message
from games.privateshared.rules import ANSWER, ASIDE, NO, YES


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List the value of each slot as an answer, or yes and no as an aside."""
    if messages[-1]["content"].startswith(f"{instance.data['tag']}: "):
        return [f"{ANSWER} {value}" for value in instance.data["slots"].values()]
    return [f"{ASIDE} {word}" for word in (NO, YES)]
