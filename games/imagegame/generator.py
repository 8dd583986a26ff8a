"""Instances of imagegame: drawings of one random letter.

compact_grids are unions of one to four lines, diagonals, corners or the border;
random_grids are five to eight placements at random, collisions included.
"""

import random
from string import ascii_uppercase
from typing import Any

from games.errors import ParamsError
from games.grids import BLANK, CELLS, Cell, paint, render_grid, shape_of
from games.regions import NAMED
from games.splits import split_of

MOST_REGIONS = 4
FEWEST_FILLED, MOST_FILLED = 3, 20
_PATIENCE = 3000
"""Draws in a row that bring nothing new, after which a variant counts as used up."""


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return `num` instances of a split with different shapes.

    Raises:
        ParamsError: there are not so many.
    """
    draw = {"compact_grids": _compact, "random_grids": _random}[variant]
    found: dict[str, dict[str, Any]] = {}
    in_vain = 0
    while len(found) < num and in_vain < _PATIENCE:
        in_vain += 1
        letter = rng.choice(ascii_uppercase)
        text = render_grid(paint(BLANK, draw(rng), letter))
        shape = shape_of(text)
        if split_of(shape) == split and shape not in found:
            found[shape], in_vain = {"target_grid": text}, 0
    if len(found) == num:
        return list(found.values())
    raise ParamsError(
        f"imagegame has only about {len(found)} {variant} for {split}: "
        "ask for fewer in the section 'instances' of params.yaml"
    )


def _compact(rng: random.Random) -> frozenset[Cell]:
    """Return the union of a few named regions, neither tiny nor nearly full."""
    while True:
        regions = rng.sample(list(NAMED.values()), rng.randint(1, MOST_REGIONS))
        cells = frozenset().union(*regions)
        if FEWEST_FILLED <= len(cells) <= MOST_FILLED:
            return cells


def _random(rng: random.Random) -> frozenset[Cell]:
    """Return a few cells anywhere."""
    return frozenset(rng.choices(CELLS, k=rng.randint(5, 8)))
