"""The rules of taboo as small functions: parse a reply, judge a clue or a guess.

They follow clembench's to the letter, quirks included: the tag is removed wherever
it stands, punctuation is deleted with nothing in its place, and only single spaces
separate words (a line break stays inside a "word").
"""

import string
from collections.abc import Iterable

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


def forbidden_stem(clue: str, forbidden: Iterable[str]) -> str | None:
    """Return a stem that the clue shares with the forbidden words, or None."""
    return min(clue_stems(clue) & {stem(word) for word in forbidden}, default=None)


def is_correct(guess: str, target: str) -> bool:
    """Whether a guess is exactly the target: no stemming, no further words."""
    return content(guess, GUESS) == target
