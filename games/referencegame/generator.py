"""Instances of referencegame: a target and the two grids of its group nearest to it.

A group is six grids of one kind: letters, digits, filled rows, filled columns or
random cells. Near means few edits (Levenshtein) of the cells, row after row; of
equally near grids the earlier comes first.
"""

import random
from dataclasses import replace
from string import ascii_uppercase, digits
from typing import Any

from games.contract import Instance
from games.kit.dealing import spread_evenly
from games.kit.grids import BLANK, CELLS, SIZE, Grid, count_edits, paint, render_grid
from games.kit.regions import COLUMNS, ROWS
from games.kit.splits import draw_different
from games.referencegame.font import draw_glyphs
from games.referencegame.master import FOLLOWER_GRIDS, GIVER_GRIDS, SPEC, name_target
from games.referencegame.rules import ANSWERS

GROUP = 6
FEWEST_FILLED, MOST_FILLED = 8, 17


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return `num` instances of a split with different grids.

    Raises:
        InstanceError: there are not so many.
    """
    return draw_different(
        lambda: draw_instance(variant, rng),
        lambda data: name_target(Instance(SPEC.name, variant, "new", data)),
        num,
        what=f"{variant} of {SPEC.name}",
        split=split,
    )


def draw_instance(variant: str, rng: random.Random) -> dict[str, Any]:
    """Return the data of one instance."""
    chosen, *others = draw_group(variant, rng)
    cells = "".join(chosen)
    near = sorted(others, key=lambda grid: count_edits(cells, "".join(grid)))[:2]
    place = rng.randrange(len(ANSWERS))
    told = [render_grid(grid) for grid in (chosen, *near)]
    return _place(dict(zip(GIVER_GRIDS, told, strict=True)), place)


def name_answer(instance: Instance) -> str:
    """Name where the follower sees the target: first, second or third."""
    return instance.data["target_grid_name"][0]


def balance(instances: list[Instance], rng: random.Random) -> list[Instance]:
    """Move the targets so that each place holds as many of them as any other."""
    places = spread_evenly(ANSWERS, len(instances), rng)
    return [
        replace(one, data=_place(one.data, ANSWERS.index(place)))
        for one, place in zip(instances, places, strict=True)
    ]


def _place(data: dict[str, Any], place: int) -> dict[str, Any]:
    """Show the follower the target at a place, and the other grids around it."""
    told, *others = (data[name] for name in GIVER_GRIDS)
    shown = [*others[:place], told, *others[place:]]
    return {
        **data,
        **dict(zip(FOLLOWER_GRIDS, shown, strict=True)),
        "target_grid_name": [ANSWERS[place], str(place + 1)],
    }


def draw_group(variant: str, rng: random.Random) -> list[Grid]:
    """Return six different grids of one kind, in random order."""
    if variant in ("letter_grids", "number_grids"):
        pool = ascii_uppercase if variant == "letter_grids" else digits
        return [draw_glyphs()[character] for character in rng.sample(pool, GROUP)]
    group: list[Grid] = []
    while len(group) < GROUP:
        grid = _draw_grid(variant, rng)
        if grid not in group:
            group.append(grid)
    return group


def _draw_grid(variant: str, rng: random.Random) -> Grid:
    """Draw a grid of some filled rows, columns or cells."""
    if variant == "random_grids":
        cells = frozenset(rng.sample(CELLS, rng.randint(FEWEST_FILLED, MOST_FILLED)))
    else:
        lines = ROWS if variant == "line_grids_rows" else COLUMNS
        cells = frozenset().union(*rng.sample(lines, rng.randint(1, SIZE - 1)))
    return paint(BLANK, cells, "X")
