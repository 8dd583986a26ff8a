"""The rules of codenames as small functions: read a clue or a guess, and judge it.

They follow clembench's to the letter, quirks included: the characters of `STRIPPED`
go from both ends of every word, and how many words held any is a score of the episode.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from games.codenames.board import BOARD_SIZE
from games.codenames.faults import (
    CountedTargets,
    Fault,
    NoPrefix,
    SeveralWords,
    TooManyGuesses,
    TooManyLines,
    find_fault_of_words,
    find_form,
)
from games.events import Flaw
from games.kit.flaws import find_flaw

CLUE, TARGETS, GUESS = "CLUE: ", "TARGETS: ", "GUESS: "
STRIPPED = " .,<>\"'"
# clembench puts a blank behind a comma that lacks one, then splits at comma and blank
_BETWEEN_WORDS = re.compile(r",(?: |(?=\S))")
_NUMBERED = re.compile(r", ?[0-9]")


@dataclass(frozen=True)
class Said:
    """What a reply says."""

    text: str
    """The reply; of guesses that could be read, what stands behind the tag."""
    words: tuple[str, ...] = ()
    """The targets or guesses."""
    clue: str = ""
    fault: Fault | None = None
    """Why the reply is not valid; None if it is."""
    stripped: int = 0
    """How many words held a character that is stripped, if the lines were right."""


def read_clue(
    reply: str, hidden: Sequence[str], revealed: Collection[str] = ()
) -> Said:
    """Return a clue and its targets, without fault if the hidden words allow them."""
    lines = _split_lines(reply)
    clue, targets = _read_behind(CLUE, lines), _read_behind(TARGETS, lines)
    if len(lines) > 2:
        return Said(reply, fault=TooManyLines())
    if clue is None:
        return Said(reply, fault=_refuse_prefix(CLUE, reply))
    if targets is None:
        return Said(reply, fault=_refuse_prefix(TARGETS, reply))
    in_clue, clue = _has_stripped(clue), _clean(clue)
    if _NUMBERED.search(clue):
        return Said(reply, fault=CountedTargets(space_commas(clue)), stripped=in_clue)
    words, stripped = _split_words(targets)
    fault = find_fault_of_clue(clue, hidden)
    fault = fault or find_fault_of_words(words, hidden, revealed)
    # digits go only after the clue was judged
    return Said(reply, words, clue.strip("0123456789,"), fault, stripped + in_clue)


def find_fault_of_clue(clue: str, hidden: Sequence[str]) -> Fault | None:
    """Find why a clue is not allowed: several words, or a form of a hidden word."""
    if " " in clue or _BETWEEN_WORDS.search(clue):
        return SeveralWords(clue)
    return find_form(clue, hidden)


def read_guess(
    reply: str,
    hidden: Sequence[str],
    clue: str,
    most: int,
    revealed: Collection[str] = (),
) -> Said:
    """Return guesses, without fault if they are hidden words and not too many."""
    lines = _split_lines(reply)
    guess = _read_behind(GUESS, lines)
    if len(lines) > 1:
        return Said(reply, fault=TooManyLines())
    if guess is None:
        return Said(reply, fault=_refuse_prefix(GUESS, reply))
    words, stripped = _split_words(guess)
    if len(words) > most:
        fault: Fault | None = TooManyGuesses(words, most)
    else:
        fault = find_fault_of_words(words, hidden, revealed, clue)
    return Said(guess, words, fault=fault, stripped=stripped)


def space_commas(text: str) -> str:
    """Put a blank behind every comma, as clembench reads a text."""
    return re.sub(r",(?=\S)", ", ", text)


def _refuse_prefix(prefix: str, reply: str) -> NoPrefix:
    """Say what stands in place of a line that begins with a prefix."""
    others = [CLUE, TARGETS] if prefix == GUESS else [GUESS]
    return NoPrefix(prefix, find_flaw(reply, prefix, others) or Flaw.NO_TAG)


def _split_lines(reply: str) -> list[str]:
    """Split a reply into lines, all after two as one."""
    return reply.split("\n", 2)


def _read_behind(tag: str, lines: list[str]) -> str | None:
    """Read what stands behind a tag that begins a line; None if none does."""
    found = (line.removeprefix(tag) for line in lines if line.startswith(tag))
    return next(found, None)


def _split_words(text: str) -> tuple[tuple[str, ...], int]:
    """Split a list into words, and count those that held a stripped character.

    More than a board has are never valid, and count as one from there on.
    """
    words = _BETWEEN_WORDS.split(text, BOARD_SIZE)
    return tuple(map(_clean, words)), sum(map(_has_stripped, words))


def _clean(word: str) -> str:
    return word.lower().strip(STRIPPED)


def _has_stripped(word: str) -> bool:
    return any(character in word for character in STRIPPED)
