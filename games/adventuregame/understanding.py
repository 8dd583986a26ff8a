"""Whether a command makes sense in a house at all, before it is tried there.

Nouns must be known, rooms cannot be handled, and a place must not be another room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from games.adventuregame.complaint import complain
from games.adventuregame.domain import KINDS, ROOMS, name_kind
from games.adventuregame.grammar import UNKNOWN, UNREADABLE, VERBS, Command
from games.adventuregame.world import Fact, World

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
PARSING, RESOLUTION = "parsing", "resolution"
_PUZZLED = "I don't know what you mean."
_ECHO = 80
"""A player's own word is repeated up to here."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Why nothing was done."""

    kind: str
    """One of clembench's."""
    text: str
    """What the player is told."""
    arg: Any
    """What it failed at, as clembench notes it."""
    phase: str = PARSING


def list_nouns(command: Command) -> list[str]:
    """List the nouns of a command, one or two."""
    return [noun for noun in (command.first, command.second) if noun]


def find_misunderstanding(world: World, command: Command, text: str) -> Failed | None:
    """Find why a command makes no sense at all; None if it makes sense."""
    if command.action == UNREADABLE:
        return Failed("lark_exception", _PUZZLED, complain(text))
    if command.action == UNKNOWN:
        return _refuse_verb(command.first)
    return (
        _find_unknown_noun(command.first)
        or _find_handled_room(command)
        or _find_unknown_noun(command.second)
        or _find_misplaced(world, command)
        or _find_missing(world, command)
    )


def _refuse_verb(verb: str) -> Failed:
    """Tell that a command is of no known form."""
    if verb in VERBS:
        read = {"type": UNKNOWN, "arg1": verb}
        return Failed("malformed_command", _PUZZLED, str(read))
    verb = verb[:_ECHO]
    text = f"I don't know how to interpret this '{verb}' action."
    return Failed("undefined_action_verb", text, verb)


def _find_unknown_noun(noun: str) -> Failed | None:
    if noun and noun not in KINDS:
        noun = noun[:_ECHO]
        text = f"I don't know what '{noun}' means."
        return Failed("undefined_repr_str", text, noun)
    return None


def _find_handled_room(command: Command) -> Failed | None:
    """Find why a room is not to be opened, closed, taken or put; None for no room."""
    kind = KINDS.get(command.first)
    if kind not in ROOMS:
        return None
    texts = {
        "take": "You can't take the '{}'.",
        "close": "You can't close the '{}'.",
        "put": "You can't put the '{}' anywhere.",
        "open": "You don't need to open the '{}'.",
    }
    if command.action not in texts:
        return None
    text = texts[command.action].format(kind)  # "livingroom", as clembench calls it
    return Failed("manipulating_room", text, kind)


def _find_misplaced(world: World, command: Command) -> Failed | None:
    """Find why the second noun is no place for a thing to be; None if it is one."""
    kind = KINDS.get(command.second)
    if kind == "inventory" and command.action == "take":
        taken = KINDS[command.first]
        if world.find(taken) in world.list_carried():
            text = f"The {command.first} is already in your inventory."
            return Failed("taking_from_inventory", text, taken, RESOLUTION)
        text = "You don't need to take things from your inventory."
        return Failed("taking_from_inventory", text, kind)
    if kind in ROOMS and kind != world.call(world.here):  # never "livingroom"
        return Failed("other_room_argument", f"You are not in a {kind}.", kind)
    return None


def _find_missing(world: World, command: Command) -> Failed | None:
    """Find a noun that means nothing in this house; None if there is none."""
    for number, noun in enumerate(list_nouns(command), 1):
        if world.find(KINDS[noun]) is None:
            fact = "at", KINDS[noun], world.here
            return miss(command.action, KINDS[noun], fact, number)
    return None


def miss(action: str, kind: str, fact: Fact, place: int) -> Failed:
    """Tell that a thing is not here, or not to be seen."""
    text = f"You can't see a {name_kind(kind)} here."
    return refuse("entity_not_accessible", text, action, require(fact, place))


def refuse(kind: str, text: str, action: str, predicate: dict[str, Any]) -> Failed:
    """Tell that a condition of an action does not hold."""
    arg = {"failed_action_type": action, "failed_precon_predicate": predicate}
    return Failed(kind, text, arg, RESOLUTION)


def require(fact: Sequence[Any], place: int) -> dict[str, Any]:
    """Note that a fact should hold, and its place among an action's conditions."""
    return {"predicate_tuple": list(fact), "fulfilled": False, "precon_idx": place}


def forbid(fact: Sequence[Any], place: int) -> dict[str, Any]:
    """Note that a fact should not hold, in the same form."""
    return {"not": require(fact, place) | {"fulfilled": True}, "fulfilled": False}
