"""Seeded instances of clean_up: a grid with walls, objects at two sets of places.

Walls run from the frame or from a wall to another, at times round a corner, and never
side by side. Harder grids have more of them. Grids that flips and turns make of each
other count as one; each belongs to one split.
"""

import random
from operator import eq
from typing import Any

from games.clean_up.master import (
    LEVELS,
    MORE_PENALTIES,
    PENALTIES_AN_OBJECT,
    ROUNDS_AN_OBJECT,
)
from games.clean_up.rules import EMPTY, SIZE, Cell
from games.kit.splits import draw_different

WALLS = dict(zip(LEVELS, (15, 20, 25), strict=True))
"""Cells of the grid that are no place for an object."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TURN = 0.15
"""How often a wall goes round a corner."""
_TRIES = 300
"""Walls that do not fit, after which a grid is begun anew."""
_LAST = SIZE + 1
_DIRECTIONS = ((0, -1), (0, 1), (-1, 0), (1, 0))
_SHAPES = dict(
    zip(
        ("0011", "1100", "0101", "0110", "1001", "1010",
         "1101", "1110", "0111", "1011", "1111"),
        "─│┌┐└┘├┤┬┴┼",
        strict=True,
    )
)  # fmt: skip
"""Whether a wall goes on up, down, left, right -> how it is drawn."""
_CORNERS = {(0, 0): "╔", (_LAST, 0): "╗", (0, _LAST): "╚", (_LAST, _LAST): "╝"}
_FRAME = {
    (0, 1): ("═", "╤"),
    (0, -1): ("═", "╧"),
    (1, 0): ("║", "╟"),
    (-1, 0): ("║", "╢"),
}
"""Which way is in -> the frame by itself, and where a wall begins."""
_INSIDE = [(x, y) for y in range(1, _LAST) for x in range(1, _LAST)]
Walls = frozenset[Cell]


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different grids.

    Raises:
        InstanceError: there are not so many.
    """
    _, level, objects, _ = variant.split("_")
    drawn = draw_different(
        lambda: draw_walls(WALLS[level], rng),
        name_grid,
        num,
        what=f"{level} grids of clean_up",
        split=split,
    )
    num_objects = int(objects.removesuffix("obj"))
    return [_make_instance(walls, num_objects, rng) for walls in drawn]


def draw_walls(num: int, rng: random.Random) -> Walls:
    """Return walls of exactly so many cells."""
    walls: set[Cell] = set()
    tries = 0
    while len(walls) < num:
        wall = _draw_wall(walls, rng)
        if wall and len(walls) + len(wall) <= num:
            walls |= wall
            continue
        tries += 1
        if tries == _TRIES:
            walls, tries = set(), 0
    return frozenset(walls)


def _draw_wall(walls: set[Cell], rng: random.Random) -> set[Cell] | None:
    """Return a wall that leads from one wall or the frame to another, if it fits."""
    cell, (dx, dy) = rng.choice(_INSIDE), rng.choice(_DIRECTIONS)
    wall: set[Cell] = set()
    if cell in walls or not _is_solid((cell[0] - dx, cell[1] - dy), walls):
        return None
    while not _is_solid(cell, walls):
        wall.add(cell)
        if _has_block(cell, walls | wall):
            return None
        if rng.random() < TURN:
            dx, dy = rng.choice(((dy, dx), (-dy, -dx)))
        cell = cell[0] + dx, cell[1] + dy
        if cell in wall:
            return None
    return wall


def _is_solid(cell: Cell, walls: set[Cell] | Walls) -> bool:
    """Whether a cell is a wall or part of the frame."""
    return cell in walls or not {0, _LAST}.isdisjoint(cell)


def _has_block(cell: Cell, walls: set[Cell]) -> bool:
    """Whether a cell is one of four in a square that are all solid."""
    return any(
        all(
            _is_solid((x, y), walls)
            for x in (cell[0], cell[0] + dx)
            for y in (cell[1], cell[1] + dy)
        )
        for dx in (-1, 1)
        for dy in (-1, 1)
    )


def render(walls: Walls) -> str:
    """Return the grid as it is shown, without objects."""
    side = range(_LAST + 1)
    return "\n".join("".join(_draw_symbol((x, y), walls) for x in side) for y in side)


def _draw_symbol(cell: Cell, walls: Walls) -> str:
    """Choose the symbol of a cell, or of a piece of the frame."""
    x, y = cell
    if x in (0, _LAST) and y in (0, _LAST):
        return _CORNERS[cell]
    if x in (0, _LAST) or y in (0, _LAST):
        inside = min(max(x, 1), SIZE), min(max(y, 1), SIZE)
        plain, joined = _FRAME[(inside[0] - x, inside[1] - y)]
        return joined if inside in walls else plain
    if cell not in walls:
        return EMPTY
    goes_on = (_is_solid((x + dx, y + dy), walls) for dx, dy in _DIRECTIONS)
    return _SHAPES["".join(str(int(solid)) for solid in goes_on)]


def name_grid(walls: Walls) -> str:
    """Write a grid as one text, the same however it is flipped or turned."""
    drawings = []
    for _ in range(4):
        drawings += [render(walls), render(frozenset((_LAST - x, y) for x, y in walls))]
        walls = frozenset((y, _LAST - x) for x, y in walls)
    return min(drawings)


def read_walls(background: str) -> Walls:
    """Read the walls off a grid that is drawn."""
    rows = background.split("\n")
    return frozenset((x, y) for x, y in _INSIDE if rows[y][x] != EMPTY)


def _make_instance(walls: Walls, num: int, rng: random.Random) -> dict[str, Any]:
    """Make the data of a grid with objects, each at two different places."""
    cells = [cell for cell in _INSIDE if cell not in walls]
    one, other = rng.sample(cells, num), rng.sample(cells, num)
    while any(map(eq, one, other)):
        other = rng.sample(cells, num)
    names = rng.sample(LETTERS, num)
    return {
        "background": render(walls),
        "objects_1": _list_objects(names, one),
        "objects_2": _list_objects(names, other),
        "max_penalties": PENALTIES_AN_OBJECT * num + MORE_PENALTIES,
        "max_rounds": ROUNDS_AN_OBJECT * num,
    }


def _list_objects(names: list[str], cells: list[Cell]) -> list[dict[str, Any]]:
    pairs = zip(names, cells, strict=True)
    return [{"id": name, "coord": list(cell)} for name, cell in pairs]
