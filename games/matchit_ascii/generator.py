"""Seeded pairs of drawings: the same, alike in one of two ways, or different.

A drawing is a union of one to four lines, diagonals, corners or the border, or all but
that. Drawings that flips and turns make of each other count as one; each belongs to one
split, and a pair to the split of both of its drawings.
"""

import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from games.kit.grids import CELLS, Cell, render_grid
from games.kit.regions import NAMED
from games.kit.splits import draw_different, split_of
from games.matchit_ascii.reading import fill_grid

Cells = frozenset[Cell]
FEWEST_FILLED, MOST_FILLED = 4, 21
MOST_REGIONS = 4
EDITS = 2
"""Cells in which the grids of similar_grid_2 differ."""
_LAST = max(CELLS)[0]


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different first drawings.

    Raises:
        InstanceError: there are not so many.
    """

    def draw_pair() -> tuple[Cells, Cells] | None:
        one = draw(rng)
        other = PARTNERS[variant](one, rng)
        return (
            (one, other) if other and split_of(name_drawing(other)) == split else None
        )

    pairs = draw_different(
        draw_pair,
        lambda pair: name_drawing(pair[0]),
        num,
        what=f"{variant} pairs of matchit_ascii",
        split=split,
    )
    return [
        {"grid_a": render_grid(fill_grid(one)), "grid_b": render_grid(fill_grid(other))}
        for one, other in pairs
    ]


def draw(rng: random.Random) -> Cells:
    """Return the cells of a drawing, neither tiny nor nearly full."""
    while True:
        regions = rng.sample(list(NAMED.values()), rng.randint(1, MOST_REGIONS))
        cells = frozenset().union(*regions)
        if rng.random() < 0.5:
            cells = frozenset(CELLS) - cells
        if FEWEST_FILLED <= len(cells) <= MOST_FILLED:
            return cells


def list_symmetries(cells: Cells) -> Iterator[Cells]:
    """Yield the eight drawings that flips and turns make of one, itself first."""
    for _ in range(4):
        yield cells
        yield frozenset((row, _LAST - column) for row, column in cells)
        cells = frozenset((column, _LAST - row) for row, column in cells)


@cache
def name_drawing(cells: Cells) -> str:
    """Write a drawing as one text, the same however it is flipped or turned."""
    return min(render_grid(fill_grid(other)) for other in list_symmetries(cells))


def _turn(one: Cells, rng: random.Random) -> Cells | None:
    """Flip or turn a drawing; None if it is too regular for that."""
    others = sorted(
        {tuple(sorted(other)) for other in list_symmetries(one)} - {_sort(one)}
    )
    return frozenset(rng.choice(others)) if others else None


def _edit(one: Cells, rng: random.Random) -> Cells:
    """Invert two cells of a drawing."""
    return one ^ frozenset(rng.sample(CELLS, EDITS))


def _draw_another(one: Cells, rng: random.Random) -> Cells | None:
    """Draw another drawing; None if it happens to be the same or similar."""
    other = draw(rng)
    alike = len(one ^ other) <= EDITS or name_drawing(one) == name_drawing(other)
    return None if alike else other


def _sort(cells: Cells) -> tuple[Cell, ...]:
    return tuple(sorted(cells))


PARTNERS: dict[str, Callable[[Cells, random.Random], Cells | None]] = {
    "same_grid": lambda one, rng: one,
    "similar_grid_1": _turn,
    "similar_grid_2": _edit,
    "different_grid": _draw_another,
}
"""How player B's drawing is made of player A's."""
