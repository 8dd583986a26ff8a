"""The rules of taboo as small functions: parse a reply, judge a clue or a guess.

They follow clembench's to the letter, quirks included: the tag is removed wherever
it stands, punctuation is deleted with nothing in its place, and only single spaces
separate words (a line break stays inside a "word").
"""

from collections.abc import Sequence
from typing import NamedTuple

from games.kit.lexicon.text import stem, stopwords
from games.kit.text import plain

CLUE, GUESS = "CLUE:", "GUESS:"
MOST_CHARACTERS = 4096
"""Of a clue: every word of it is stemmed, which takes time."""


def content(reply: str, tag: str) -> str:
    """Return a reply without tags, capitals and punctuation."""
    return plain(reply.replace(tag, "").strip())


def clue_stems(clue: str) -> set[str]:
    """Return the stems of a clue's words, stopwords left out."""
    words = set(content(clue, CLUE).split(" "))
    return {stem(word) for word in words - stopwords()}


def is_well_formed(reply: str, tag: str) -> bool:
    """Whether a reply begins with its tag, and is no clue of more than a page."""
    return reply.startswith(tag) and not (tag == CLUE and len(reply) > MOST_CHARACTERS)


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
