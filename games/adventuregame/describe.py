"""What a player is told of rooms, things and the inventory, in clembench's sentences.

Among them are "a apple", and by the rules of 2025 names without their digits ("the
sidetable", "the kitchen1floor") where something is examined.
"""

import string

from games.adventuregame.domain import HIDDEN, listing, there_are
from games.adventuregame.world import INVENTORY, Fact, World

V2, V3 = "v2", "v3"


def describe_room(world: World) -> str:
    """Return where the player is, what is to be seen there, and where one can go."""
    here = world.here
    seen = visible(world, here)
    texts = [f"You are in a {world.call(here)} now."]
    if seen:
        texts.append(there_are([world.call(thing) for thing in seen]) + ".")
    states = list(world.about("open", "closed", "on", "in"))
    texts += [_state(world, f) for thing in seen for f in states if f[1] == thing]
    exits = [world.call(f[2]) for f in world.about("exit") if f[1] == here]
    if exits:
        number = "is a passage" if len(exits) == 1 else "are passages"
        texts.append(f"There {number} to {listing(exits)} here.")
    return " ".join(texts)


def visible(world: World, here: str) -> list[str]:
    """Return the things to be seen in a room."""
    carried = world.carried()
    return [
        fact[1]
        for fact in world.about("at")
        if fact[2] == here
        and world.kind(fact[1]) not in HIDDEN
        and ("accessible", fact[1]) in world
        and fact[1] not in carried
    ]


def _state(world: World, fact: Fact) -> str:
    """Return that a thing is open or closed, or where it is."""
    name = world.call(fact[1])
    if len(fact) == 2:
        return f"The {name} is {fact[0]}."
    return f"The {name} is {fact[0]} the {world.call(fact[2])}."


def describe_inventory(world: World) -> str:
    """Return what the player carries."""
    carried = [world.call(thing) for thing in world.carried()]
    if not carried:
        return "Your inventory is empty."
    return f"In your inventory you have {listing(carried)}."


def describe_contents(world: World, container: str) -> str:
    """Return what is found in a container when it is opened."""
    name = world.call(container)
    inside = [world.call(thing) for thing in world.contents(container)]
    if not inside:
        return f"The {name} is empty."
    number = "is" if len(inside) == 1 else "are"
    return f"In the {name} there {number} {listing(inside)}."


def describe_thing(world: World, thing: str, rules: str) -> str:
    """Return what examining a thing tells."""
    if thing == INVENTORY:
        return describe_inventory(world)
    return _describe_by_v3(world, thing) if rules == V3 else _describe(world, thing)


def _describe(world: World, thing: str) -> str:
    """Return what examining a thing tells by the rules of 2025."""
    name = _bare(thing)
    texts = []
    if ("openable", thing) in world:
        state = "open" if ("open", thing) in world else "closed"
        texts.append(f"The {name} is openable and currently {state}.")
    if ("takeable", thing) in world:
        texts.append(f"The {name} is takeable.")
    if world.is_support(thing):
        texts.append(_held(world, thing, "on", f"There is nothing on the {name}."))
    if ("open", thing) in world:
        texts.append(_held(world, thing, "in", f"The {name} is empty."))
    if ("closed", thing) in world:
        texts.append(_hidden(name))
    for fact in world.about("on", "in"):
        if fact[1] == thing:
            place = "your" if fact[2] == INVENTORY else "the"
            texts.append(f"The {name} is {fact[0]} {place} {_bare(fact[2])}.")
    return " ".join(texts)


def _bare(name: str) -> str:
    """Return a name without its number: a kind, or "kitchen1floor"."""
    return name.rstrip(string.digits)


def _hidden(name: str) -> str:
    return f"You can't see the {name}'s contents because it is closed."


def _describe_by_v3(world: World, thing: str) -> str:
    """Return what examining a thing tells by the rules of 2026."""
    name = world.call(thing)
    texts = [f"This is a {name}."]
    if ("openable", thing) in world:
        state = "open" if ("open", thing) in world else "closed"
        texts.append(f"The {name} is openable and currently {state}.")
    if ("takeable", thing) in world:
        texts.append(f"The {name} is takeable.")
    for fact in world.about("on", "in"):
        if fact[1] == thing:
            texts.append(f"The {name} is {fact[0]} the {world.call(fact[2])}.")
    held = [world.call(other) for other in world.contents(thing)]
    if ("closed", thing) in world:
        texts.append(_hidden(name))
    elif world.is_container(thing):
        inside = (
            f"{there_are(held)} in the {name}." if held else f"The {name} is empty."
        )
        texts.append(inside)
    elif world.is_support(thing):
        on = there_are(held) if held else "There is nothing"
        texts.append(f"{on} on the {name}.")
    return " ".join(texts)


def _held(world: World, thing: str, prep: str, nothing: str) -> str:
    """Return what is on or in a thing that is examined."""
    held = [*map(_bare, world.contents(thing))]
    return f"{there_are(held)} {prep} the {_bare(thing)}." if held else nothing
