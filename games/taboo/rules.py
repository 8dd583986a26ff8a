"""The rules of taboo as small functions: parse a reply, judge a clue or a guess.

They follow clembench's to the letter, quirks included: the tag is removed wherever
it stands, punctuation is deleted with nothing in its place, and only single spaces
separate words (a line break stays inside a "word").
"""

from collections.abc import Sequence
from typing import NamedTuple

from games.events import Flaw
from games.kit.flaws import find_flaw
from games.kit.lexicon.text import read_stopwords, stem
from games.kit.text import simplify

CLUE, GUESS = "CLUE:", "GUESS:"
MOST_CHARACTERS = 4096
"""The longest clue that is read: every word of it is stemmed, which takes time."""


def strip_tags(reply: str, tag: str) -> str:
    """Take tags, capitals and punctuation out of a reply."""
    return simplify(reply.replace(tag, "").strip())


def list_clue_stems(clue: str) -> set[str]:
    """Collect the stems of a clue's words, stopwords left out."""
    words = set(strip_tags(clue, CLUE).split(" "))
    return {stem(word) for word in words - read_stopwords()}


def find_flaw_of_clue(reply: str) -> Flaw | None:
    """Say why a reply is no clue of at most a page, if it is none."""
    too_long = Flaw.EXTRA_TEXT if len(reply) > MOST_CHARACTERS else None
    return find_flaw(reply, CLUE, [GUESS]) or too_long


def find_flaw_of_guess(reply: str) -> Flaw | None:
    """Say why a reply is no guess, if it is none."""
    return find_flaw(reply, GUESS, [CLUE])


class Clash(NamedTuple):
    """A word of a clue that shares its stem with a forbidden word."""

    said: str
    forbidden: str
    stem: str


def find_clash(clue: str, forbidden: Sequence[str]) -> Clash | None:
    """Find the first word of a clue with a forbidden stem; None if there is none."""
    # of forbidden words with one stem the first counts
    by_stem = {stem(word): word for word in reversed(forbidden)}
    for said in strip_tags(clue, CLUE).split(" "):
        if said not in read_stopwords() and (found := stem(said)) in by_stem:
            return Clash(said, by_stem[found], found)
    return None
