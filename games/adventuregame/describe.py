"""What a player is told of rooms, things and the inventory, in clembench's sentences.

Among them are "a apple", and by the rules of 2025 names without their digits ("the
sidetable", "the kitchen1floor") where something is examined.
"""

import string

from games.adventuregame.domain import HIDDEN, join_names, say_there_are
from games.adventuregame.world import INVENTORY, Fact, World
from games.contract import V3


def describe_room(world: World) -> str:
    """Say where the player is, what is to be seen there, and where one can go."""
    here = world.here
    seen = list_visible(world, here)
    texts = [f"You are in a {world.call(here)} now."]
    if seen:
        texts.append(say_there_are([world.call(thing) for thing in seen]) + ".")
    states = list(world.list_facts("open", "closed", "on", "in"))
    texts += [
        _describe_state(world, f) for thing in seen for f in states if f[1] == thing
    ]
    exits = [world.call(f[2]) for f in world.list_facts("exit") if f[1] == here]
    if exits:
        number = "is a passage" if len(exits) == 1 else "are passages"
        texts.append(f"There {number} to {join_names(exits)} here.")
    return " ".join(texts)


def list_visible(world: World, here: str) -> list[str]:
    """List the things to be seen in a room."""
    carried = world.list_carried()
    return [
        fact[1]
        for fact in world.list_facts("at")
        if fact[2] == here
        and world.get_kind(fact[1]) not in HIDDEN
        and ("accessible", fact[1]) in world
        and fact[1] not in carried
    ]


def _describe_state(world: World, fact: Fact) -> str:
    """Say that a thing is open or closed, or where it is."""
    name = world.call(fact[1])
    if len(fact) == 2:
        return f"The {name} is {fact[0]}."
    return f"The {name} is {fact[0]} the {world.call(fact[2])}."


def describe_inventory(world: World) -> str:
    """Say what the player carries."""
    carried = [world.call(thing) for thing in world.list_carried()]
    if not carried:
        return "Your inventory is empty."
    return f"In your inventory you have {join_names(carried)}."


def describe_contents(world: World, container: str) -> str:
    """Say what is found in a container when it is opened."""
    name = world.call(container)
    inside = [world.call(thing) for thing in world.list_contents(container)]
    if not inside:
        return f"The {name} is empty."
    number = "is" if len(inside) == 1 else "are"
    return f"In the {name} there {number} {join_names(inside)}."


def describe_thing(world: World, thing: str, rules: str) -> str:
    """Say what one learns by examining a thing."""
    if thing == INVENTORY:
        return describe_inventory(world)
    return _describe_by_v3(world, thing) if rules == V3 else _describe(world, thing)


def _describe(world: World, thing: str) -> str:
    """Say what one learns by examining a thing, by the rules of 2025."""
    name = _strip_number(thing)
    texts = []
    if ("openable", thing) in world:
        state = "open" if ("open", thing) in world else "closed"
        texts.append(f"The {name} is openable and currently {state}.")
    if ("takeable", thing) in world:
        texts.append(f"The {name} is takeable.")
    if world.is_support(thing):
        texts.append(
            _describe_held(world, thing, "on", f"There is nothing on the {name}.")
        )
    if ("open", thing) in world:
        texts.append(_describe_held(world, thing, "in", f"The {name} is empty."))
    if ("closed", thing) in world:
        texts.append(_is_hidden(name))
    for fact in world.list_facts("on", "in"):
        if fact[1] == thing:
            place = "your" if fact[2] == INVENTORY else "the"
            texts.append(f"The {name} is {fact[0]} {place} {_strip_number(fact[2])}.")
    return " ".join(texts)


def _strip_number(name: str) -> str:
    """Take the number off a name: a kind remains, or "kitchen1floor"."""
    return name.rstrip(string.digits)


def _is_hidden(name: str) -> str:
    return f"You can't see the {name}'s contents because it is closed."


def _describe_by_v3(world: World, thing: str) -> str:
    """Say what one learns by examining a thing, by the rules of 2026."""
    name = world.call(thing)
    texts = [f"This is a {name}."]
    if ("openable", thing) in world:
        state = "open" if ("open", thing) in world else "closed"
        texts.append(f"The {name} is openable and currently {state}.")
    if ("takeable", thing) in world:
        texts.append(f"The {name} is takeable.")
    for fact in world.list_facts("on", "in"):
        if fact[1] == thing:
            texts.append(f"The {name} is {fact[0]} the {world.call(fact[2])}.")
    held = [world.call(other) for other in world.list_contents(thing)]
    if ("closed", thing) in world:
        texts.append(_is_hidden(name))
    elif world.is_container(thing):
        inside = (
            f"{say_there_are(held)} in the {name}." if held else f"The {name} is empty."
        )
        texts.append(inside)
    elif world.is_support(thing):
        on = say_there_are(held) if held else "There is nothing"
        texts.append(f"{on} on the {name}.")
    return " ".join(texts)


def _describe_held(world: World, thing: str, prep: str, nothing: str) -> str:
    """Say what is on or in a thing that is examined."""
    held = [*map(_strip_number, world.list_contents(thing))]
    return (
        f"{say_there_are(held)} {prep} the {_strip_number(thing)}." if held else nothing
    )
