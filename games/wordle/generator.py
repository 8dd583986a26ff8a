"""Seeded instances of wordle and its variants: one frequency class a variant."""

import random
from typing import Any

from games.errors import InstanceError
from games.splits import split_of
from games.wordle.words import Target, targets


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different target words.

    Raises:
        InstanceError: there are fewer words of this class and split.
    """
    words = targets_of(variant, split)
    if num > len(words):
        raise InstanceError(
            f"wordle {variant} has {len(words)} words for {split}, not {num}: "
            f"lower instances.{split} in params.yaml"
        )
    # without a clue there is one in the data all the same, as in clembench's
    return [
        {"target_word": target.word, "target_word_clue": target.clue}
        for target in rng.sample(words, num)
    ]


def targets_of(variant: str, split: str) -> list[Target]:
    """Return the words of a variant's frequency class that belong to a split."""
    frequency = variant.partition("_")[0]
    return [
        target
        for target in targets().values()
        if target.frequency == frequency and split_of(target.word) == split
    ]
