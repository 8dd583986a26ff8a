"""What a command does to the house, or why it does nothing.

Every action is tried on typed things first and on the state of the house then; the
first condition that does not hold is what the player is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from games.adventuregame.describe import (
    describe_contents,
    describe_inventory,
    describe_room,
    describe_thing,
)
from games.adventuregame.domain import KINDS
from games.adventuregame.grammar import DONE, Command, parse_command
from games.adventuregame.understanding import (
    RESOLUTION,
    Failed,
    find_misunderstanding,
    forbid,
    list_nouns,
    miss,
    refuse,
    require,
)
from games.adventuregame.world import INVENTORY, PLAYER, Fact, World
from games.contract import V2

RESOLUTION_FAILURES = (
    "domain_trait_type_mismatch",
    "domain_type_discrepancy",
    "world_state_discrepancy",
    "entity_not_accessible",
    "entity_state_mismatch",
    "entity_trait_mismatch",
    "entity_already_inventory",
    "going_to_current_room",
    "no_exit_to",
    "inventory_limit_exceeded",
)
"""Why understood commands cannot be carried out, as clembench counts it."""


class Terms(NamedTuple):
    """What differs between instances."""

    limit: int | None
    """How many things can be carried; None: any number."""
    rules: str
    """By which of clembench's versions things are described."""


@dataclass(frozen=True)
class Result:
    """What came of a command."""

    text: str
    """What the player is told."""
    action: str
    failed: Failed | None = None
    """Why nothing was done."""

    @property
    def failure(self) -> str:
        """The kind of failure, or nothing."""
        return self.failed.kind if self.failed else ""

    @property
    def is_done(self) -> bool:
        """Whether the player ended the game."""
        return self.action == DONE and not self.failed


def perform(world: World, text: str, terms: Terms) -> Result:
    """Carry a command out, if it can be."""
    command = parse_command(text, terms.rules)
    failed = find_misunderstanding(world, command, text)
    if not failed:
        action = _ACTIONS[command.action]
        names = [_find(world, noun) for noun in list_nouns(command)]
        done = action(world, command, names, terms)
        if isinstance(done, str):
            return Result(done, command.action)
        failed = done
    return Result(failed.text, command.action, failed)


def _find(world: World, noun: str) -> str:
    """Find what a noun of an understood command means."""
    name = world.find(KINDS[noun])
    assert name is not None, f"a command of {noun}, which is not there, was understood"
    return name


def _refuse_type(world: World, action: str, name: str, trait: str) -> Failed:
    """Tell that something is of the wrong type, which only v2 looks at first."""
    kind = world.get_kind(name)
    text = f"{kind.capitalize()} is not {trait}."
    arg = {"failed_action_type": action, "failed_parameter": kind}
    return Failed("domain_trait_type_mismatch", text, arg, RESOLUTION)


def _miss(world: World, action: str, name: str, place: int) -> Failed:
    """Tell that something is not in this room."""
    return miss(action, world.get_kind(name), ("at", name, world.here), place)


def _refuse_state(text: str, action: str, fact: Fact, place: int) -> Failed:
    """Tell that something is not in the state that an action needs."""
    return refuse("entity_state_mismatch", text, action, require(fact, place))


def _turn(
    world: World, action: str, thing: str, before: str, after: str, terms: Terms
) -> Failed | None:
    """Bring a container here from one state to the other, or say why not."""
    if terms.rules == V2 and ("openable", thing) not in world:
        return _refuse_type(world, action, thing, "openable")
    if ("at", thing, world.here) not in world:
        return _miss(world, action, thing, 1)
    if (before, thing) not in world:
        text = f"The {world.call(thing)} is not {before}."
        return _refuse_state(text, action, (before, thing), 2)
    world.remove(before, thing)
    world.add(after, thing)
    return None


def _open(
    world: World, command: Command, names: list[str], terms: Terms
) -> str | Failed:
    """Open a container."""
    (thing,) = names
    if failed := _turn(world, "open", thing, "closed", "open", terms):
        return failed
    for other in world.list_contents(thing):
        world.add("accessible", other)
    return f"The {world.call(thing)} is now open. {describe_contents(world, thing)}"


def _close(
    world: World, command: Command, names: list[str], terms: Terms
) -> str | Failed:
    """Close a container."""
    (thing,) = names
    if failed := _turn(world, "close", thing, "open", "closed", terms):
        return failed
    for other in world.list_contents(thing):
        world.remove("accessible", other)
    return f"The {world.call(thing)} is now closed."


def _take(
    world: World, command: Command, names: list[str], terms: Terms
) -> str | Failed:
    """Take a thing from where it lies, or from where the player says that it lies."""
    thing, *named = names
    source = named[0] if named else world.find_holder(thing)
    if terms.rules == V2 and ("takeable", thing) not in world:
        return _refuse_type(world, "take", thing, "takeable")
    if source is None:
        return _miss(world, "take", thing, 1)
    if terms.rules == V2 and not world.is_receptacle(source):
        return _refuse_type(world, "take", source, "a receptacle")
    if failed := _find_obstacle(world, thing, source, terms):
        return failed
    for prep in ("on", "in"):
        if (prep, thing, source) in world:
            world.remove(prep, thing, source)
    world.add("in", thing, INVENTORY)
    return f"You take the {world.call(thing)}. {describe_inventory(world)}"


def _find_obstacle(
    world: World, thing: str, source: str, terms: Terms
) -> Failed | None:
    """Find why a thing cannot be taken now; None if it can."""
    if ("at", thing, world.here) not in world:
        return _miss(world, "take", thing, 1)
    if failed := _check_reach(world, thing, source, terms):
        return failed
    if ("accessible", thing) not in world:
        return miss("take", world.get_kind(thing), ("accessible", thing), 4)
    num_carried = len(world.list_carried())
    if terms.limit is not None and num_carried >= terms.limit:
        text = "Your inventory can not hold more than two objects at the same time."
        fact = "itemcount", INVENTORY, num_carried
        return refuse("inventory_limit_exceeded", text, "take", require(fact, 5))
    on = ("on", thing, source) in world and world.is_support(source)
    inside = ("in", thing, source) in world and ("open", source) in world
    if on or inside:
        return None
    text = f"The {world.call(thing)} is not on the {world.call(source)}."
    place = 5 + (terms.limit is not None)
    return _refuse_state(text, "take", ("on", thing, source), place)


def _check_reach(world: World, thing: str, source: str, terms: Terms) -> Failed | None:
    """Tell if a thing is carried already, or its place is not here; else None.

    Without a limit it need only be carried, or its place be here, by clembench's rules:
    the player is told that it is carried where neither is so.
    """
    is_carried = thing in world.list_carried()
    is_near = ("at", source, world.here) in world
    fact = "in", thing, INVENTORY
    if terms.limit is None:
        if is_carried or is_near:
            return None
        return _refuse_carried(world, thing, require(fact, 2))
    if is_carried:
        return _refuse_carried(world, thing, forbid(fact, 2))
    return None if is_near else _miss(world, "take", source, 3)


def _refuse_carried(world: World, thing: str, predicate: dict[str, Any]) -> Failed:
    """Tell that a thing is carried, or is said to be."""
    text = f"The {world.call(thing)} is already in your inventory."
    return refuse("entity_already_inventory", text, "take", predicate)


def _put(
    world: World, command: Command, names: list[str], terms: Terms
) -> str | Failed:
    """Put a thing that is carried, or is in the same room, somewhere."""
    thing, place = names
    if terms.rules == V2 and ("movable", thing) not in world:
        return _refuse_type(world, "put", thing, "moveable")
    if terms.rules == V2 and not world.is_receptacle(place):
        return _refuse_type(world, "put", place, "a receptacle")
    for number, name in enumerate(names, 1):
        if ("at", name, world.here) not in world:
            return _miss(world, "put", name, number)
    if not world.is_support(place) and ("open", place) not in world:
        text = f"The {world.call(place)} is not open."
        return _refuse_state(text, "put", ("open", place), 4)
    prep = "on" if world.is_support(place) else "in"
    world.remove("in", thing, INVENTORY)
    world.add(prep, thing, place)
    said = command.prep or prep
    return f"You put the {world.call(thing)} {said} the {world.call(place)}."


def _go(world: World, command: Command, names: list[str], terms: Terms) -> str | Failed:
    """Go to the next room, with all that is carried."""
    (room,) = names
    here = world.here
    if terms.rules == V2 and not world.is_room(room):
        return _refuse_type(world, "go", room, "a room")
    if room == here:
        text = f"You are already in the {world.call(room)}."
        already = forbid(("at", PLAYER, room), 1)
        return refuse("going_to_current_room", text, "go", already)
    if ("exit", here, room) not in world:
        text = f"You can't go to a {world.call(room)} from here."
        return refuse("no_exit_to", text, "go", require(("exit", here, room), 2))
    for name in (PLAYER, *world.list_carried()):
        world.remove("at", name, here)
        world.add("at", name, room)
    return describe_room(world)


def _examine(
    world: World, command: Command, names: list[str], terms: Terms
) -> str | Failed:
    """Look at a thing."""
    (thing,) = names
    if terms.rules == V2 and world.is_room(thing):
        room = world.get_kind(thing)
        text = f"{room.capitalize()} is not an entity. (this should not occur.)"
        arg = {"failed_action_type": "examine", "failed_parameter": room}
        return Failed("domain_type_discrepancy", text, arg, RESOLUTION)
    if thing != INVENTORY and ("at", thing, world.here) not in world:
        return _miss(world, "examine", thing, 1)
    if thing != INVENTORY and ("accessible", thing) not in world:
        return miss("examine", world.get_kind(thing), ("accessible", thing), 3)
    return describe_thing(world, thing, terms.rules)


def _finish(
    world: World, command: Command, names: list[str], terms: Terms
) -> str | Failed:
    """End the game."""
    return "You consider yourself done."


_ACTIONS: dict[str, Callable[[World, Command, list[str], Terms], str | Failed]] = {
    "open": _open,
    "close": _close,
    "take": _take,
    "put": _put,
    "go": _go,
    "examine": _examine,
    DONE: _finish,
}
