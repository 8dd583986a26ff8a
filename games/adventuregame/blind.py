"""What the player of adventuregame can say who remembers nothing: any command."""

from collections.abc import Sequence

from games.adventuregame.domain import CONTAINERS, PORTABLE, ROOMS, SUPPORTS, name_kind
from games.adventuregame.grammar import DONE, NEXT, TAG
from games.adventuregame.master import PLAN
from games.contract import Instance, Message

_COMMANDS = (
    DONE,
    *(f"go to {room}" for room in ROOMS.values()),
    *(f"open {name_kind(kind)}" for kind in CONTAINERS),
    *(f"take {name_kind(kind)}" for kind in PORTABLE),
    *(f"put {name_kind(thing)} on {name_kind(SUPPORTS[0])}" for thing in PORTABLE),
)


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List commands that any house could obey, and the one to stop."""
    plan = f"{NEXT} {DONE}" if instance.data["variant"] == PLAN else ""
    return [f"{TAG} {command}{plan}" for command in _COMMANDS]
