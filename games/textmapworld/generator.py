"""Seeded instances: random walks on a 4 by 4 lattice, rooms named from our own list.

A walk adds a room or a door a step until the house has its size; doors are only where
it went. In houses without a cycle it never enters a known room through a new door.
"""

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from games.kit.splits import draw_different
from games.textmapworld.house import (
    OPPOSITE,
    STEPS,
    Cell,
    House,
    list_edges,
    measure_distances,
    move,
    name_house,
    place_rooms,
)

SIDE = 4
HOUSES = {
    "small": (4, False),
    "medium": (6, False),
    "large": (8, False),
    "medium_cycle": (6, True),
    "large_cycle": (8, True),
}
"""Rooms, and whether there are several ways between some of them."""
DISTANCES = {"on": (0, 0), "close": (1, 2), "far": (3, 4)}
"""Moves between the start and the room to find: fewest, most."""

Draw = Callable[[random.Random], tuple[House, str, dict[str, Any]]]
"""rng -> house, start, further fields of the instance."""


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` houses to explore.

    Raises:
        InstanceError: there are not so many.
    """

    def draw(rng: random.Random) -> tuple[House, str, dict[str, Any]]:
        house = draw_house(*HOUSES[variant], rng)
        return house, rng.choice(list(house)), {}

    return _collect(draw, variant, split, num, rng)


def generate_specificroom(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` houses of eight rooms with a room to find.

    Raises:
        InstanceError: there are not so many.
    """
    fewest, most = DISTANCES[variant]

    def draw(rng: random.Random) -> tuple[House, str, dict[str, Any]]:
        goals: list[str] = []
        while not goals:
            house = draw_house(*HOUSES["large"], rng)
            start = rng.choice(list(house))
            away = measure_distances(house, start)
            goals = [room for room, far in away.items() if fewest <= far <= most]
        return house, start, {"Specific_Room": rng.choice(goals)}

    return _collect(draw, variant, split, num, rng)


def _collect(
    draw: Draw, variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return `num` drawn instances of a split with different targets."""
    drawn = draw_different(
        lambda: draw(rng),
        lambda one: name_house(*one[:2]),
        num,
        what=f"{variant} houses of textmapworld",
        split=split,
    )
    return [
        {
            "Moves": [
                {"node": room, "node_moves": [list(door) for door in doors.items()]}
                for room, doors in house.items()
            ],
            "Current_Position": start,
            **more,
            **_add_their_fields(house, start),
        }
        for house, start, more in drawn
    ]


def _add_their_fields(house: House, start: str) -> dict[str, Any]:
    """Add the fields that clembench's scorer reads of an instance, in its form."""
    edges = sorted(tuple(sorted(edge)) for edge in list_edges(house))
    cells = {cell: room for room, cell in place_rooms(house, start).items()}
    return {
        "Graph_Nodes": repr(list(house)),
        "Graph_Edges": repr(edges),
        "Mapping": repr(cells),
        "Ambiguity": None,
        "Game_Type": "named_graph",
    }


def draw_house(num_rooms: int, cyclic: bool, rng: random.Random) -> House:
    """Return a house of so many rooms, with a cycle or without any."""
    doors = _walk(num_rooms, cyclic, rng)
    while cyclic and sum(map(len, doors.values())) < 2 * num_rooms:
        doors = _walk(num_rooms, cyclic, rng)
    names = dict(zip(doors, rng.sample(read_names(), num_rooms), strict=True))
    return {
        names[cell]: {direction: names[other] for direction, other in ways.items()}
        for cell, ways in doors.items()
    }


def _walk(
    num_rooms: int, cyclic: bool, rng: random.Random
) -> dict[Cell, dict[str, Cell]]:
    """Return the cells that a random walk enters, and the doors it goes through."""
    cell = rng.randrange(SIDE), rng.randrange(SIDE)
    doors: dict[Cell, dict[str, Cell]] = {cell: {}}
    while len(doors) < num_rooms:
        direction = rng.choice(list(STEPS))
        other = move(cell, direction)
        closes = other in doors and direction not in doors[cell]
        if {*other} <= {*range(SIDE)} and (cyclic or not closes):
            doors[cell][direction] = other
            doors.setdefault(other, {})[OPPOSITE[direction]] = cell
            cell = other
    return doors


@cache
def read_names() -> list[str]:
    """Read the names that rooms can have."""
    path = Path(__file__).with_name("resources") / "rooms.txt"
    return path.read_text(encoding="utf-8").split("\n")[:-1]
