"""The best deals, found exactly: for one player by weight, for both by trying all."""

from collections.abc import Sequence
from functools import lru_cache

from games.air_balloon_survival.rules import average_harmonically

Numbers = tuple[int, ...]
"""One weight or value for each item."""


@lru_cache(maxsize=2**10)
def choose_best(weights: Numbers, values: Numbers, limit: int) -> tuple[int, ...]:
    """Choose the items, by number, that are worth most within the limit (knapsack).

    The most valuable choice is known for every capacity, first without any item, then
    with one item more at a time; the choice itself is read off backwards.
    """
    rows = [[0] * (limit + 1)]
    for weight, value in zip(weights, values, strict=True):
        old = rows[-1]
        richer = (total + value for total in old)
        with_it = zip(old[weight:], richer, strict=False)
        rows.append(old[:weight] + [no if no > yes else yes for no, yes in with_it])
    chosen: list[int] = []
    capacity = limit
    for number in reversed(range(len(weights))):
        if rows[number + 1][capacity] != rows[number][capacity]:
            chosen.append(number)
            capacity -= weights[number]
    return tuple(reversed(chosen))


def find_best_total(weights: Sequence[int], values: Sequence[int], limit: int) -> int:
    """Find how much the best choice of one player is worth to it."""
    chosen = choose_best(tuple(weights), tuple(values), limit)
    return sum(values[number] for number in chosen)


def find_best_harmonic(
    weights: Sequence[int], one: Sequence[int], other: Sequence[int], limit: int
) -> float:
    """Find the highest harmonic mean, in percent, of a deal within the limit.

    What a player gets counts in percent of the best that it could get alone. Tries
    every set of items, so it is for about 20 of them.
    """
    deals = [(0, 0, 0)]
    for weight, mine, yours in zip(weights, one, other, strict=True):
        deals += [
            (heavy + weight, first + mine, second + yours)
            for heavy, first, second in deals
            if heavy + weight <= limit
        ]
    most = find_best_total(weights, one, limit), find_best_total(weights, other, limit)
    return max(
        average_harmonically(100 * first / most[0], 100 * second / most[1])
        for _, first, second in deals
    )
