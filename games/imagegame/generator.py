"""Instances of imagegame: drawings of one random letter.

compact_grids are unions of one to four lines, diagonals, corners or the border;
random_grids are five to eight placements at random, collisions included.
"""

import random
from string import ascii_uppercase
from typing import Any

from games.kit.grids import BLANK, CELLS, Cell, hide_letters, paint, render_grid
from games.kit.regions import NAMED
from games.kit.splits import draw_different

MOST_REGIONS = 4
FEWEST_FILLED, MOST_FILLED = 3, 20


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return `num` instances of a split with different shapes.

    Raises:
        InstanceError: there are not so many.
    """
    cells = {"compact_grids": _draw_compact, "random_grids": _draw_random}[variant]

    def draw() -> str:
        letter = rng.choice(ascii_uppercase)
        return render_grid(paint(BLANK, cells(rng), letter))

    what = f"{variant} of imagegame"
    grids = draw_different(draw, hide_letters, num, what=what, split=split)
    return [{"target_grid": grid} for grid in grids]


def _draw_compact(rng: random.Random) -> frozenset[Cell]:
    """Draw the union of a few named regions, neither tiny nor nearly full."""
    while True:
        regions = rng.sample(list(NAMED.values()), rng.randint(1, MOST_REGIONS))
        cells = frozenset().union(*regions)
        if FEWEST_FILLED <= len(cells) <= MOST_FILLED:
            return cells


def _draw_random(rng: random.Random) -> frozenset[Cell]:
    """Draw a few cells anywhere."""
    return frozenset(rng.choices(CELLS, k=rng.randint(5, 8)))
