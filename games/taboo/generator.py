"""Seeded instances of taboo, from the lexicon: one frequency class a variant."""

import random
from typing import Any

from games.kit.lexicon import Entry, read_lexicon
from games.kit.splits import sample, split_of


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different target words.

    Raises:
        InstanceError: the lexicon has fewer words of this class and split.
    """
    words = list_targets(variant, split)
    what = f"words of taboo {variant}"
    return [
        {"target_word": entry.word, "related_word": list(entry.related)}
        for entry in sample(words, num, rng, what=what, split=split)
    ]


def list_targets(variant: str, split: str) -> list[Entry]:
    """List the lexicon's words of a frequency class that belong to a split."""
    return [
        entry
        for word, entry in read_lexicon().items()
        if entry.frequency == variant.removesuffix("_en") and split_of(word) == split
    ]
