"""The rules of codenames as small functions: read a clue or a guess, and judge it.

They follow clembench's to the letter, quirks included: the characters of `STRIPPED`
go from both ends of every word, and how many words held any is a score of the episode.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from games.codenames.board import BOARD_SIZE
from games.codenames.lemma import lemma

CLUE, TARGETS, GUESS = "CLUE: ", "TARGETS: ", "GUESS: "
STRIPPED = " .,<>\"'"
# clembench puts a blank behind a comma that lacks one, then splits at comma and blank
_BETWEEN_WORDS = re.compile(r",(?: |(?=\S))")


@dataclass(frozen=True)
class Said:
    """What a reply says."""

    words: tuple[str, ...] = ()
    """The targets or guesses."""
    clue: str = ""
    is_valid: bool = False
    stripped: int = 0
    """How many words held a character that is stripped, if the lines were right."""


def read_clue(reply: str, hidden: Collection[str]) -> Said:
    """Return a clue and its targets, valid if the hidden words allow them."""
    lines = _lines(reply)
    clue, targets = _behind(CLUE, lines), _behind(TARGETS, lines)
    if len(lines) > 2 or clue is None or targets is None:
        return Said()
    words, stripped = _words(targets)
    stripped += _holds_stripped(clue)
    clue = _clean(clue)
    is_valid = is_allowed_clue(clue, hidden) and are_distinct_hidden(words, hidden)
    # digits go only after the clue was judged
    return Said(words, clue.strip("0123456789,"), is_valid, stripped)


def is_allowed_clue(clue: str, hidden: Collection[str]) -> bool:
    """Whether a clue is one word, and no form of a hidden word."""
    is_word = " " not in clue and not _BETWEEN_WORDS.search(clue)
    return is_word and lemma(clue) not in {lemma(word) for word in hidden}


def read_guess(reply: str, hidden: Collection[str], clue: str, most: int) -> Said:
    """Return the guesses, valid if they are hidden words and not too many."""
    lines = _lines(reply)
    guess = _behind(GUESS, lines)
    if len(lines) > 1 or guess is None:
        return Said()
    words, stripped = _words(guess)
    is_valid = (
        len(words) <= most and clue not in words and are_distinct_hidden(words, hidden)
    )
    return Said(words, "", is_valid, stripped)


def are_distinct_hidden(words: Collection[str], hidden: Collection[str]) -> bool:
    """Whether all words are hidden words of the board, none named twice."""
    return set(words) <= set(hidden) and len(set(words)) == len(words)


def _lines(reply: str) -> list[str]:
    """Return a reply's lines, all after two as one."""
    return reply.split("\n", 2)


def _behind(tag: str, lines: list[str]) -> str | None:
    """Return what stands behind a tag that begins a line; None if none does."""
    found = (line.removeprefix(tag) for line in lines if line.startswith(tag))
    return next(found, None)


def _words(text: str) -> tuple[tuple[str, ...], int]:
    """Return a list's words, and how many held a stripped character.

    More than a board has are never valid, and count as one from there on.
    """
    words = _BETWEEN_WORDS.split(text, BOARD_SIZE)
    return tuple(map(_clean, words)), sum(map(_holds_stripped, words))


def _clean(word: str) -> str:
    return word.lower().strip(STRIPPED)


def _holds_stripped(word: str) -> bool:
    return any(character in word for character in STRIPPED)
