"""Seeded pairs of drawings: the same, alike in one of two ways, or different.

A drawing is a union of one to four lines, diagonals, corners or the border, or all but
that. Drawings that flips and turns make of each other count as one; each belongs to one
split, and a pair to the split of both of its drawings.
"""

import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from games.errors import ParamsError
from games.grids import CELLS, Cell, render_grid
from games.matchit_ascii.reading import drawing
from games.regions import NAMED
from games.splits import split_of

Cells = frozenset[Cell]
FEWEST_FILLED, MOST_FILLED = 4, 21
MOST_REGIONS = 4
EDITS = 2
"""Cells in which the grids of similar_grid_2 differ."""
_LAST = max(CELLS)[0]
_PATIENCE = 3000
"""Draws in a row that bring nothing new, after which a variant counts as used up."""


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different first drawings.

    Raises:
        ParamsError: there are not so many.
    """
    found: dict[str, dict[str, Any]] = {}
    in_vain = 0
    while len(found) < num and in_vain < _PATIENCE:
        in_vain += 1
        one = draw(rng)
        other = PARTNERS[variant](one, rng)
        key = drawing_of(one)
        if key not in found and other and _in_split((one, other), split):
            grids = [render_grid(drawing(cells)) for cells in (one, other)]
            found[key] = dict(zip(("grid_a", "grid_b"), grids, strict=True))
            in_vain = 0
    if len(found) == num:
        return list(found.values())
    raise ParamsError(
        f"matchit_ascii has only about {len(found)} {variant} for {split}: "
        "ask for fewer in the section 'instances' of params.yaml"
    )


def _in_split(pair: tuple[Cells, Cells], split: str) -> bool:
    return all(split_of(drawing_of(cells)) == split for cells in pair)


def draw(rng: random.Random) -> Cells:
    """Return the cells of a drawing, neither tiny nor nearly full."""
    while True:
        regions = rng.sample(list(NAMED.values()), rng.randint(1, MOST_REGIONS))
        cells = frozenset().union(*regions)
        if rng.random() < 0.5:
            cells = frozenset(CELLS) - cells
        if FEWEST_FILLED <= len(cells) <= MOST_FILLED:
            return cells


def symmetries(cells: Cells) -> Iterator[Cells]:
    """Yield the eight drawings that flips and turns make of one, itself first."""
    for _ in range(4):
        yield cells
        yield frozenset((row, _LAST - column) for row, column in cells)
        cells = frozenset((column, _LAST - row) for row, column in cells)


@cache
def drawing_of(cells: Cells) -> str:
    """Return one text for a drawing, however it is flipped or turned."""
    return min(render_grid(drawing(other)) for other in symmetries(cells))


def _turned(one: Cells, rng: random.Random) -> Cells | None:
    """Return the drawing flipped or turned; None if it is too regular for that."""
    others = sorted({tuple(sorted(other)) for other in symmetries(one)} - {_key(one)})
    return frozenset(rng.choice(others)) if others else None


def _edited(one: Cells, rng: random.Random) -> Cells:
    """Return the drawing with two cells inverted."""
    return one ^ frozenset(rng.sample(CELLS, EDITS))


def _another(one: Cells, rng: random.Random) -> Cells | None:
    """Return another drawing; None if it happens to be the same or similar."""
    other = draw(rng)
    alike = len(one ^ other) <= EDITS or drawing_of(one) == drawing_of(other)
    return None if alike else other


def _key(cells: Cells) -> tuple[Cell, ...]:
    return tuple(sorted(cells))


PARTNERS: dict[str, Callable[[Cells, random.Random], Cells | None]] = {
    "same_grid": lambda one, rng: one,
    "similar_grid_1": _turned,
    "similar_grid_2": _edited,
    "different_grid": _another,
}
"""How player B's drawing is made of player A's."""
