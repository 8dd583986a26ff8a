"""Seeded instances of dond: a few kinds of items, and what they are worth to whom.

All items together are worth 10 points to each player; every kind is of value to
somebody, and at least one to both. A problem is its counts and values, whatever the
items are called and whichever player is A; each belongs to one split.
"""

import functools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from games.kit.splits import draw_different

TOTAL = 10
"""Points that all items together are worth to each player."""
FEWEST_TYPES, MOST_TYPES = 3, 5
FEWEST_ITEMS, MOST_ITEMS = 5, 8
_Problem = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Counts, values of A, values of B."""


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different problems.

    Raises:
        InstanceError: there are not so many.
    """
    problems = draw_different(
        lambda: draw(rng),
        lambda problem: name_problem(*problem),
        num,
        what="problems of dond",
        split=split,
    )
    mode = variant.partition("_")[0]
    return [_make_instance(mode, problem, rng) for problem in problems]


def name_problem(
    counts: tuple[int, ...], values_a: tuple[int, ...], values_b: tuple[int, ...]
) -> str:
    """Write a problem as one text, in whatever order its kinds and players are."""
    orders = ((values_a, values_b), (values_b, values_a))
    rows = (sorted(zip(counts, *values, strict=True)) for values in orders)
    return str(min(rows))


def draw(rng: random.Random) -> _Problem:
    """Return a random problem."""
    while True:
        num_types = rng.randint(FEWEST_TYPES, MOST_TYPES)
        counts = [1] * num_types
        for _ in range(rng.randint(FEWEST_ITEMS, MOST_ITEMS) - num_types):
            counts[rng.randrange(num_types)] += 1
        choices = _list_values(tuple(counts), TOTAL)
        if not choices:
            continue
        one, other = rng.choice(choices), rng.choice(choices)
        pairs = list(zip(one, other, strict=True))
        if all(map(any, pairs)) and any(map(all, pairs)):
            return tuple(counts), one, other


@functools.cache
def _list_values(counts: tuple[int, ...], total: int) -> list[tuple[int, ...]]:
    """List all values of which so many items add up to a total."""
    return list(_yield_values(counts, total))


def _yield_values(counts: tuple[int, ...], total: int) -> Iterator[tuple[int, ...]]:
    first, *rest = counts
    if not rest:
        if total % first == 0:
            yield (total // first,)
        return
    for value in range(total // first + 1):
        for others in _list_values(tuple(rest), total - first * value):
            yield (value, *others)


@functools.cache
def read_names() -> tuple[tuple[str, str], ...]:
    """Read the names of items, singular and plural."""
    path = Path(__file__).with_name("resources") / "items.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple((one, more) for one, more in map(str.split, lines))


def _make_instance(mode: str, problem: _Problem, rng: random.Random) -> dict[str, Any]:
    """Make the data of a problem about items chosen at random."""
    counts, values_a, values_b = problem
    names = rng.sample(read_names(), len(counts))
    return {
        "mode": mode,
        "item_types": [singular for singular, _ in names],
        "item_types_plural": [plural for _, plural in names],
        "item_counts": list(counts),
        "player_a_values": list(values_a),
        "player_b_values": list(values_b),
    }
