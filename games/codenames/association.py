"""What scripted players associate: how near a clue is to a word of the lexicon.

A clue stands for the words that the lexicon uses its stem of. A word is near a clue if
it is one of these (by `DIRECT`), and the nearer the more it is like them: words are
alike as far as they share stems, rare ones counting more.
"""

import functools
from collections import defaultdict
from math import log, sqrt

from games.codenames.lemma import find_lemma, read_nouns
from games.codenames.rules import find_fault_of_clue
from games.kit.lexicon import list_stems, read_lexicon, stem
from games.kit.splits import split_of

DIRECT, INDIRECT = 1.0, 0.6
MOST_LIKE = 30
"""As many words count as like a word; further ones would only cost time."""
MOST_TARGETS = 3
"""More words at a time would be far-fetched."""


def rank_words(clue: str, words: list[str]) -> list[str]:
    """Rank the words that are near a clue at all, the nearest first."""
    near = {word: measure_nearness(word).get(stem(clue), 0.0) for word in words}
    return sorted(filter(near.get, words), key=lambda word: (-near[word], word))


@functools.lru_cache(maxsize=4096)
def choose_clue(
    team: tuple[str, ...], others: tuple[str, ...], split: str
) -> tuple[str, tuple[str, ...]] | None:
    """Choose the clue that leads to most words of the team and no others, if any.

    A word that the clue is not said of, but only like those that it is, counts as
    `INDIRECT`. Among equals the clue that sets its words further apart is best.
    """
    bar = _find_nearest(others)
    near: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for word in team:
        for known, value in measure_nearness(word).items():
            if value > bar[known]:
                near[known].append((value, word))
    best, found = (0.0, 0.0), None
    for known, clue in list_clues(split).items():
        above = sorted(near[known], reverse=True)[:MOST_TARGETS]
        worth = sum(1 if value >= DIRECT else INDIRECT for value, _ in above)
        rank = (worth, above[-1][0] - bar[known] if above else 0.0)
        if rank > best and is_fair(clue, [*team, *others]):
            best, found = rank, (clue, tuple(word for _, word in above))
    return found


def _find_nearest(others: tuple[str, ...]) -> dict[str, float]:
    """Find for each stem how near the nearest of some words is to it."""
    bar: dict[str, float] = defaultdict(float)
    for word in others:
        for known, value in measure_nearness(word).items():
            bar[known] = max(bar[known], value)
    return bar


def is_fair(clue: str, hidden: list[str]) -> bool:
    """Whether a clue is allowed, and does not share a stem with a hidden word."""
    if stem(clue) in map(stem, hidden):
        return False
    return find_fault_of_clue(clue, hidden) is None


@functools.cache
def list_clues(split: str) -> dict[str, str]:
    """Map stem -> word for all clues that may be given on a split's boards.

    They are the split's own words and those used to describe words, but never words
    that belong on another split's boards.
    """
    found: dict[str, str] = {}
    for word in [*read_lexicon(), *_list_describing()]:
        if word not in read_lexicon() or split_of(word) == split:
            found.setdefault(stem(word), word)
    return found


@functools.cache
def _list_describing() -> tuple[str, ...]:
    """List the nouns used to describe words, in a fixed order, short ones first."""
    texts = [
        " ".join([*entry.path, *entry.related, entry.clues[0]])
        for entry in read_lexicon().values()
    ]
    words = {word for text in texts for word in text.lower().split()}
    fit = [w for w in words & read_nouns() if len(w) > 2 and list_stems(w)]
    singular = [word for word in fit if find_lemma(word) == word and word.isalpha()]
    return tuple(sorted(singular, key=lambda word: (len(word), word)))


@functools.lru_cache(maxsize=1024)
def measure_nearness(word: str) -> dict[str, float]:
    """Measure how near the stems are to a word, those left out being far."""
    near: dict[str, float] = defaultdict(float)
    if word not in read_lexicon():
        return near
    for other, likeness in _rank_likeness(word).items():
        for known in _list_stems(other):
            near[known] += likeness / len(_index_words()[known])
    for known in _list_stems(word):
        near[known] += DIRECT
    return {known: round(value, 6) for known, value in near.items()}


@functools.cache
def _rank_likeness(word: str) -> dict[str, float]:
    """Rank the words most like a word, itself among them; likeness is at most 1."""
    shared: dict[str, float] = defaultdict(float)
    for known in _list_stems(word):
        for other in _index_words()[known]:
            shared[other] += _weigh(known) ** 2
    like = {
        other: v / (_measure_length(word) * _measure_length(other))
        for other, v in shared.items()
    }
    most = sorted(like, key=lambda other: (-round(like[other], 6), other))[:MOST_LIKE]
    return {other: like[other] for other in most}


@functools.cache
def _index_words() -> dict[str, tuple[str, ...]]:
    """Map each stem to the words that it is said of, its own word among them."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in read_lexicon():
        for known in _list_stems(word):
            found[known].append(word)
    return {known: tuple(words) for known, words in found.items()}


def _list_stems(word: str) -> list[str]:
    """List the stems said of a word in a fixed order, its own among them."""
    return sorted(read_lexicon()[word].stems | {stem(word)})


@functools.cache
def _weigh(known: str) -> float:
    return log(len(read_lexicon()) / len(_index_words()[known]))


@functools.cache
def _measure_length(word: str) -> float:
    return sqrt(sum(_weigh(known) ** 2 for known in _list_stems(word)))
