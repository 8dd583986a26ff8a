"""The rules of taboo as small functions: parse a reply, judge a clue or a guess.

They follow clembench's to the letter, quirks included: the tag is removed wherever
it stands, punctuation is deleted with nothing in its place, and only single spaces
separate words (a line break stays inside a "word").
"""

import string
from collections.abc import Sequence
from typing import NamedTuple

from games.lexicon.text import stem, stopwords

CLUE, GUESS = "CLUE:", "GUESS:"
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def content(reply: str, tag: str) -> str:
    """Return a reply without tags, capitals and punctuation."""
    return reply.replace(tag, "").strip().lower().translate(_NO_PUNCTUATION)


def clue_stems(clue: str) -> set[str]:
    """Return the stems of a clue's words, stopwords left out."""
    words = set(content(clue, CLUE).split(" "))
    return {stem(word) for word in words - stopwords()}


class Clash(NamedTuple):
    """A word of a clue that shares its stem with a forbidden word."""

    said: str
    forbidden: str
    stem: str


def clash(clue: str, forbidden: Sequence[str]) -> Clash | None:
    """Return the first word of a clue with a forbidden stem; None if there is none."""
    # of forbidden words with one stem the first counts
    by_stem = {stem(word): word for word in reversed(forbidden)}
    for said in content(clue, CLUE).split(" "):
        if said not in stopwords() and (found := stem(said)) in by_stem:
            return Clash(said, by_stem[found], found)
    return None
