"""A house as a map: rooms on a lattice, and the doors between them.

It comes from an instance's "Moves", as a list or, in clembench's files, as a list
written as a Python literal in a text.
"""

import ast
from typing import Any

from games.contract import Instance
from games.errors import InstanceError

STEPS = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
OPPOSITE = {"north": "south", "east": "west", "south": "north", "west": "east"}
MOST_ROOMS = 16
"""All that a 4 by 4 lattice has, and more than 20 rounds can visit where paths fork."""

House = dict[str, dict[str, str]]
"""Room -> direction -> the room behind that door."""
FEW_ROOMS = 4
"""Houses of so few rooms have but 88 layouts, too few to give to three splits."""
Cell = tuple[int, int]


def read_house(instance: Instance) -> House:
    """Read an instance's house.

    Raises:
        InstanceError: there is none, or one that cannot be walked.
    """
    where = f"{instance.game} instance {instance.instance_id}"
    try:
        house = _parse_house(instance.data["Moves"])
    except (
        *(ValueError, SyntaxError, TypeError, KeyError),
        *(RecursionError, MemoryError),
    ) as error:
        raise InstanceError(
            f"{where}: 'Moves' is no list of rooms and doors, mend the file"
        ) from error
    _refuse_unwalkable(house, instance.data["Current_Position"], where)
    return house


def _parse_house(moves: str | list[dict[str, Any]]) -> House:
    """Parse a list of rooms and their doors."""
    listed = ast.literal_eval(moves) if isinstance(moves, str) else moves
    house = {entry["node"]: dict(entry["node_moves"]) for entry in listed}
    texts = [
        text for doors in house.values() for door in doors.items() for text in door
    ]
    if not all(isinstance(text, str) for text in [*house, *texts]):
        raise TypeError("a room or a direction is not a text")
    return house


def _refuse_unwalkable(house: House, start: str, where: str) -> None:
    """Raise unless every door leads back and every room is reached from `start`."""
    if not 1 < len(house) <= MOST_ROOMS or start not in house:
        raise InstanceError(
            f"{where}: needs 2 to {MOST_ROOMS} rooms, 'Current_Position' among them"
        )
    for room, doors in house.items():
        for direction, other in doors.items():
            back = house.get(other, {}).get(OPPOSITE.get(direction, ""))
            if back != room or other == room:
                raise InstanceError(
                    f"{where}: the door {direction} of {room} does not lead to a room "
                    "with a door back, mend the file"
                )
    if len(measure_distances(house, start)) < len(house):
        raise InstanceError(f"{where}: some room cannot be reached, mend the file")


def measure_distances(house: House, start: str) -> dict[str, int]:
    """Count the moves from `start` to each room, nearest first."""
    found = {start: 0}
    waiting = [start]
    for room in waiting:
        for other in house[room].values():
            if other not in found:
                found[other] = found[room] + 1
                waiting.append(other)
    return found


def list_edges(house: House) -> set[frozenset[str]]:
    """List the pairs of neighbouring rooms."""
    return {
        frozenset({room, other})
        for room, doors in house.items()
        for other in doors.values()
    }


def move(cell: Cell, direction: str) -> Cell:
    """Return the cell next to `cell` in a direction."""
    return cell[0] + STEPS[direction][0], cell[1] + STEPS[direction][1]


def place_rooms(house: House, start: str) -> dict[str, Cell]:
    """Place each room on a lattice as seen from `start`, at (0, 0)."""
    cells = {start: (0, 0)}
    for room in measure_distances(house, start):
        for direction, other in house[room].items():
            cells.setdefault(other, move(cells[room], direction))
    return cells


def name_layout(house: House, start: str) -> str:
    """Write the house without its names, as seen from where the game starts."""
    cells = place_rooms(house, start)
    doors = {tuple(sorted(cells[room] for room in edge)) for edge in list_edges(house)}
    return " ".join(f"{a[0]},{a[1]}-{b[0]},{b[1]}" for a, b in sorted(doors))


def name_house(house: House, start: str) -> str:
    """Write what no two splits share: the layout; of few rooms, with their names."""
    if len(house) > FEW_ROOMS:
        return name_layout(house, start)
    cells = place_rooms(house, start)
    return f"{name_layout(house, start)} {sorted(house, key=cells.__getitem__)}"
