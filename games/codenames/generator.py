"""Seeded instances of codenames: 25 words of the lexicon, all of one split.

A variant sets which words are on the board, who owns how many, how fast the opponent
is, or how categories are dealt: a category's words to one owner (association_easy) or
to as many owners as possible (association_difficult).
"""

import functools
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

from games.codenames.board import (
    ASSASSIN,
    BOARD_SIZE,
    INNOCENT,
    KINDS,
    OPPONENT,
    TEAM,
)
from games.errors import InstanceError
from games.kit.lexicon import Entry, read_lexicon
from games.kit.splits import split_of

SIZES = {TEAM: 9, OPPONENT: 8, INNOCENT: 7, ASSASSIN: 1}
SIZES_AT_RISK = {
    "risk_low": SIZES | {INNOCENT: 8, ASSASSIN: 0},
    "risk_high": SIZES | {INNOCENT: 3, ASSASSIN: 5},
}
DIFFICULTIES = {"opponent_none": 0, "opponent_difficult": 2}
DRAWS = (2, 4)
"""Fewest and most words of a category that are dealt at a time."""


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different boards.

    Raises:
        InstanceError: the lexicon has fewer words of this variant and split.
    """
    words = list_words(variant, split)
    if len(words) < BOARD_SIZE:
        raise InstanceError(
            f"codenames {variant} has {len(words)} words for {split}, a board needs "
            f"{BOARD_SIZE}: leave the variant out"
        )
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    while len(found) < num:
        data = _make_instance(variant, words, rng)
        found.setdefault(tuple(sorted(data["board"])), data)
    return list(found.values())


def list_words(variant: str, split: str) -> list[str]:
    """List the lexicon's words that a variant's boards of a split are made of."""
    return [
        word
        for word, entry in read_lexicon().items()
        if split_of(word) == split and _is_fit(variant, entry)
    ]


def _is_fit(variant: str, entry: Entry) -> bool:
    """Whether a word may be on a board of a variant."""
    if variant in ("frequency_low", "frequency_high"):
        return entry.frequency == variant.removeprefix("frequency_")
    if variant in _split_by_senses():
        return entry.word in _split_by_senses()[variant]
    return entry.abstract == (variant == "abstract")


@functools.cache
def _split_by_senses() -> dict[str, frozenset[str]]:
    """Split words into the ambiguous and the unambiguous ones."""
    path = Path(__file__).with_name("resources") / "senses.txt"
    rows = [line.split(": ") for line in path.read_text(encoding="ascii").splitlines()]
    return {name: frozenset(words.split()) for name, words in rows}


def _make_instance(
    variant: str, words: list[str], rng: random.Random
) -> dict[str, Any]:
    """Make the data of one instance."""
    sizes = SIZES_AT_RISK.get(variant, SIZES)
    if variant == "association_easy":
        assignments = _deal_together(words, sizes, rng)
    elif variant == "association_difficult":
        assignments = _deal_apart(words, sizes, rng)
    else:
        left = rng.sample(words, BOARD_SIZE)
        assignments = {kind: [left.pop() for _ in range(sizes[kind])] for kind in KINDS}
    board = [word for kind in KINDS for word in assignments[kind]]
    rng.shuffle(board)
    difficulty = DIFFICULTIES.get(variant, 1)
    return {
        "board": board,
        "assignments": assignments,
        "opponent_difficulty": difficulty,
    }


def _deal_together(
    words: list[str], sizes: dict[str, int], rng: random.Random
) -> dict[str, list[str]]:
    """Deal categories whole: no two owners share one, as far as there are enough."""
    categories = _sort_by_category(words)
    dealt: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        while len(dealt[kind]) < sizes[kind]:
            drawn = _draw(categories, rng)
            dealt[kind] += drawn[: sizes[kind] - len(dealt[kind])]
        for category in _list_categories(dealt[kind]):
            if sum(map(len, categories.values())) > BOARD_SIZE:
                categories.pop(category, None)
    for kind in KINDS:
        rng.shuffle(dealt[kind])
    return dealt


def _list_categories(words: list[str]) -> list[str]:
    """List the categories of words, each once, in the order of the words."""
    return list(dict.fromkeys(read_lexicon()[word].path[0] for word in words))


def _deal_apart(
    words: list[str], sizes: dict[str, int], rng: random.Random
) -> dict[str, list[str]]:
    """Deal each draw of a category to different owners, as far as they have room."""
    categories = _sort_by_category(words)
    dealt: dict[str, list[str]] = {kind: [] for kind in KINDS}
    while room := _list_room(dealt, sizes):
        owners: list[str] = []
        for word in _draw(categories, rng)[: len(room)]:
            room = _list_room(dealt, sizes)
            fresh = [kind for kind in room if kind not in owners] or room
            owners.append(rng.choice(fresh))
            dealt[owners[-1]].append(word)
    for kind in KINDS:
        rng.shuffle(dealt[kind])
    return dealt


def _list_room(dealt: dict[str, list[str]], sizes: dict[str, int]) -> list[str]:
    """List the owners who lack words, each as often as it lacks one."""
    return [kind for kind in KINDS for _ in range(sizes[kind] - len(dealt[kind]))]


def _sort_by_category(words: list[str]) -> dict[str, list[str]]:
    """Sort the words by category."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in words:
        found[read_lexicon()[word].path[0]].append(word)
    return found


def _draw(categories: dict[str, list[str]], rng: random.Random) -> list[str]:
    """Take a few words out of a category, a large one more likely."""
    sizes = [len(words) for words in categories.values()]
    (category,) = rng.choices(list(categories), sizes)
    words = categories[category]
    rng.shuffle(words)
    drawn = words[: rng.randint(*DRAWS)]
    categories[category] = words[len(drawn) :]
    return drawn
