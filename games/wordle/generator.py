"""Seeded instances of wordle and its variants: one frequency class a variant."""

import random
from typing import Any

from games.kit.splits import sample, split_of
from games.wordle.words import Target, read_targets


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different target words.

    Raises:
        InstanceError: there are fewer words of this class and split.
    """
    words = list_targets(variant, split)
    what = f"words of wordle {variant}"
    # without a clue there is one in the data all the same, as in clembench's
    return [
        {"target_word": target.word, "target_word_clue": target.clue}
        for target in sample(words, num, rng, what=what, split=split)
    ]


def list_targets(variant: str, split: str) -> list[Target]:
    """List the words of a variant's frequency class that belong to a split."""
    frequency = variant.partition("_")[0]
    return [
        target
        for target in read_targets().values()
        if target.frequency == frequency and split_of(target.word) == split
    ]
