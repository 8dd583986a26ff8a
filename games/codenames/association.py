"""What scripted players associate: how near a clue is to a word of the lexicon.

A clue stands for the words that the lexicon uses its stem of. A word is near a clue if
it is one of these (by `DIRECT`), and the nearer the more it is like them: words are
alike as far as they share stems, rare ones counting more.
"""

import functools
from collections import defaultdict
from math import log, sqrt

from games.codenames.lemma import lemma, nouns
from games.codenames.rules import fault_of_clue
from games.kit.lexicon import list_stems, read_lexicon, stem
from games.kit.splits import split_of

DIRECT, INDIRECT = 1.0, 0.6
MOST_LIKE = 30
"""As many words count as like a word; further ones would only cost time."""
MOST_TARGETS = 3
"""More words at a time would be far-fetched."""


def ranked(clue: str, words: list[str]) -> list[str]:
    """Return the words that are near a clue at all, the nearest first."""
    near = {word: nearness(word).get(stem(clue), 0.0) for word in words}
    return sorted(filter(near.get, words), key=lambda word: (-near[word], word))


@functools.lru_cache(maxsize=4096)
def best_clue(
    team: tuple[str, ...], others: tuple[str, ...], split: str
) -> tuple[str, tuple[str, ...]] | None:
    """Return the clue that leads to most words of the team and no others; None if none.

    A word that the clue is not said of, but only like those that it is, counts as
    `INDIRECT`. Among equals the clue that sets its words further apart is best.
    """
    bar = _nearest_of(others)
    near: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for word in team:
        for known, value in nearness(word).items():
            if value > bar[known]:
                near[known].append((value, word))
    best, found = (0.0, 0.0), None
    for known, clue in clue_words(split).items():
        above = sorted(near[known], reverse=True)[:MOST_TARGETS]
        worth = sum(1 if value >= DIRECT else INDIRECT for value, _ in above)
        rank = (worth, above[-1][0] - bar[known] if above else 0.0)
        if rank > best and is_fair(clue, [*team, *others]):
            best, found = rank, (clue, tuple(word for _, word in above))
    return found


def _nearest_of(others: tuple[str, ...]) -> dict[str, float]:
    """Return how near each stem is to that of some words which is nearest to it."""
    bar: dict[str, float] = defaultdict(float)
    for word in others:
        for known, value in nearness(word).items():
            bar[known] = max(bar[known], value)
    return bar


def is_fair(clue: str, hidden: list[str]) -> bool:
    """Whether a clue is allowed, and does not share a stem with a hidden word."""
    if stem(clue) in map(stem, hidden):
        return False
    return fault_of_clue(clue, hidden) is None


@functools.cache
def clue_words(split: str) -> dict[str, str]:
    """Return stem -> word for all clues that may be given on a split's boards.

    They are the split's own words and those used to describe words, but never words
    that belong on another split's boards.
    """
    found: dict[str, str] = {}
    for word in [*read_lexicon(), *_describing_words()]:
        if word not in read_lexicon() or split_of(word) == split:
            found.setdefault(stem(word), word)
    return found


@functools.cache
def _describing_words() -> tuple[str, ...]:
    """Return the nouns used to describe words, in a fixed order, short ones first."""
    texts = [
        " ".join([*entry.path, *entry.related, entry.clues[0]])
        for entry in read_lexicon().values()
    ]
    words = {word for text in texts for word in text.lower().split()}
    fit = [w for w in words & nouns() if len(w) > 2 and list_stems(w)]
    singular = [word for word in fit if lemma(word) == word and word.isalpha()]
    return tuple(sorted(singular, key=lambda word: (len(word), word)))


@functools.lru_cache(maxsize=1024)
def nearness(word: str) -> dict[str, float]:
    """Return how near the stems are to a word, those left out being far."""
    near: dict[str, float] = defaultdict(float)
    if word not in read_lexicon():
        return near
    for other, likeness in _most_like(word).items():
        for known in _stems(other):
            near[known] += likeness / len(_said_of()[known])
    for known in _stems(word):
        near[known] += DIRECT
    return {known: round(value, 6) for known, value in near.items()}


@functools.cache
def _most_like(word: str) -> dict[str, float]:
    """Return the words most like a word, itself among them, and how like, at most 1."""
    shared: dict[str, float] = defaultdict(float)
    for known in _stems(word):
        for other in _said_of()[known]:
            shared[other] += _weight(known) ** 2
    like = {other: v / (_length(word) * _length(other)) for other, v in shared.items()}
    most = sorted(like, key=lambda other: (-round(like[other], 6), other))[:MOST_LIKE]
    return {other: like[other] for other in most}


@functools.cache
def _said_of() -> dict[str, tuple[str, ...]]:
    """Return the words that each stem is said of, its own word among them."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in read_lexicon():
        for known in _stems(word):
            found[known].append(word)
    return {known: tuple(words) for known, words in found.items()}


def _stems(word: str) -> list[str]:
    """Return the stems said of a word in a fixed order, its own among them."""
    return sorted(read_lexicon()[word].stems | {stem(word)})


@functools.cache
def _weight(known: str) -> float:
    return log(len(read_lexicon()) / len(_said_of()[known]))


@functools.cache
def _length(word: str) -> float:
    return sqrt(sum(_weight(known) ** 2 for known in _stems(word)))
