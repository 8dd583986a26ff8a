"""Whether a command makes sense in a house at all, before it is tried there.

Nouns must be known, rooms cannot be handled, and a place must not be another room.
"""

from games.adventuregame.domain import KINDS, ROOMS, surface
from games.adventuregame.grammar import UNKNOWN, UNREADABLE, VERBS, Command
from games.adventuregame.world import World

PARSING_FAILURES = (
    "lark_exception",
    "malformed_command",
    "undefined_action_verb",
    "undefined_action",
    "undefined_repr_str",
    "manipulating_room",
    "undefined_argument_type",
    "taking_from_inventory",
    "other_room_argument",
)
"""Why commands are not understood, as clembench counts it."""
_ECHO = 80
"""A player's own word is repeated up to here."""

Failed = tuple[str, str]
"""Kind of failure, what the player is told."""


def nouns_of(command: Command) -> list[str]:
    """Return the nouns of a command, one or two."""
    return [noun for noun in (command.first, command.second) if noun]


def misunderstood(world: World, command: Command) -> Failed | None:
    """Return why a command makes no sense at all, if it does not."""
    if command.action == UNREADABLE:
        return "lark_exception", "I don't know what you mean."
    if command.action == UNKNOWN:
        if command.first in VERBS:
            return "malformed_command", "I don't know what you mean."
        verb = command.first[:_ECHO]
        return (
            "undefined_action_verb",
            f"I don't know how to interpret this '{verb}' action.",
        )
    return (
        _unknown_noun(command.first)
        or _handled_room(command)
        or _unknown_noun(command.second)
        or _misplaced(world, command)
        or _missing(world, command)
    )


def _unknown_noun(noun: str) -> Failed | None:
    if noun and noun not in KINDS:
        return "undefined_repr_str", f"I don't know what '{noun[:_ECHO]}' means."
    return None


def _handled_room(command: Command) -> Failed | None:
    """Return why a room is not to be opened, closed, taken or put."""
    if KINDS.get(command.first) not in ROOMS:
        return None
    texts = {
        "take": "You can't take the '{}'.",
        "close": "You can't close the '{}'.",
        "put": "You can't put the '{}' anywhere.",
        "open": "You don't need to open the '{}'.",
    }
    if command.action not in texts:
        return None
    return "manipulating_room", texts[command.action].format(command.first)


def _misplaced(world: World, command: Command) -> Failed | None:
    """Return why the second noun is no place for a thing to be."""
    kind = KINDS.get(command.second)
    if kind == "inventory" and command.action == "take":
        thing = world.named(KINDS[command.first])
        if thing in world.carried():
            text = f"The {command.first} is already in your inventory."
        else:
            text = "You don't need to take things from your inventory."
        return "taking_from_inventory", text
    if kind in ROOMS and kind != world.kind(world.here):
        return "other_room_argument", f"You are not in a {kind}."
    return None


def _missing(world: World, command: Command) -> Failed | None:
    """Return that there is no such thing in this house."""
    for noun in nouns_of(command):
        if world.named(KINDS[noun]) is None:
            return unseen(KINDS[noun])
    return None


def unseen(kind: str) -> Failed:
    """Return that a thing is not here, or not to be seen."""
    return "entity_not_accessible", f"You can't see a {surface(kind)} here."
