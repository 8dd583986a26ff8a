"""What players of clean_up can say who agree on nothing: any move to a free cell."""

from collections.abc import Sequence

from games.clean_up.expert import View
from games.clean_up.rules import EMPTY, MOVE, SAY
from games.clean_up.texts import P1, Texts
from games.contract import Instance, Message

_WORDS = "Let us clean up."


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List idle talk, and a move of each object to each empty cell."""
    talk = f"{SAY}{_WORDS}"
    if role == P1 and len(messages) == 1:
        return [talk]
    view = View.read(list(messages), Texts(instance).get_lead())
    free = [cell for cell, seen in view.cells.items() if seen == EMPTY]
    moves = [f"{MOVE}{name}, ({x}, {y})" for name in view.objects for x, y in free]
    return [talk, *moves]
