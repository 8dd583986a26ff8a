"""What the project's own benchmark tasks share: seeds, sampling, answer positions.

A task is two files in `tasks/`: NAME.py makes its items from a seed, NAME.yaml tells
lm-eval how to ask them. No item is downloaded, and none is taken from the games,
or asks for what the warm-up's mini-tasks teach.
"""

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from datasets import Dataset

from games.errors import ParamsError
from stages.common.seeds import derive_seed

Item = dict[str, Any]
"""{"text", "choices", "answer": index} of a choice, {"text", "answer"} of a reply."""
T = TypeVar("T")


def make_rng(task: str, seed: int) -> random.Random:
    """Make the random numbers of one task, independent of the other tasks'."""
    return random.Random(derive_seed(seed, "benchmarks", task))


def draw_distinct(
    task: str, pool: Sequence[T], num: int, rng: random.Random
) -> list[T]:
    """Draw `num` distinct entries of the pool.

    Raises:
        ParamsError: the task has fewer than `num` distinct entries.

    """
    if num > len(pool):
        raise ParamsError(
            f"benchmarks.items is too large: task '{task}' has {len(pool)} different "
            "items, ask for at most as many"
        )
    return rng.sample(pool, num)


def draw_evenly(
    task: str, pools: Sequence[Sequence[T]], num: int, rng: random.Random
) -> list[T]:
    """Draw `num` distinct entries, the same number (give or take one) of each pool."""
    shares = [len(range(i, num, len(pools))) for i in range(len(pools))]
    drawn = [
        draw_distinct(task, pool, share, rng)
        for pool, share in zip(pools, shares, strict=True)
    ]
    return [drawn[i % len(pools)][i // len(pools)] for i in range(num)]


def make_choice(text: str, right: str, wrong: Sequence[str], position: int) -> Item:
    """Make an item whose right answer stands at `position`, modulo the choices."""
    answer = position % (len(wrong) + 1)
    choices = [*wrong[:answer], right, *wrong[answer:]]
    return {"text": text, "choices": choices, "answer": answer}


def wrap_items(items: Sequence[Item]) -> dict[str, Dataset]:
    """Wrap items as lm-eval takes a data set, in memory."""
    return {"test": Dataset.from_list(list(items))}
