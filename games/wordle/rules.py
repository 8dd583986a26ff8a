"""The rules of wordle as small functions: parse a reply, compare a guess and a word.

They follow clembench's of July 2025 to the letter: a reply begins with
`explanation:`, has at most two lines, and holds its other tag exactly once.
"""

import re
from typing import NamedTuple

ROUNDS, LENGTH = 6, 5
UNKNOWN_WORDS = 5
"""So many guesses in a row may be unknown words; one more aborts."""

EXPLANATION, GUESS, AGREEMENT = "explanation:", "guess:", "agreement:"
CLUE, FEEDBACK = "clue:", "guess_feedback:"
VERDICT, VERDICT_REASON = "guess_agreement:", "agreement_explanation:"
GREEN, YELLOW, RED = "green", "yellow", "red"

_TAGGED = {tag: re.compile(f"{tag}(.*)", re.IGNORECASE) for tag in (GUESS, AGREEMENT)}


class Said(NamedTuple):
    """A well-formed reply: its explanation, and the guess, or yes or no."""

    explanation: str
    value: str


def guess_of(reply: str) -> Said | None:
    """Return a guesser's explanation and guess; None if the format is broken."""
    said = _said(reply, GUESS)
    is_word = said is not None and len(said.value) == LENGTH and said.value.isalpha()
    return said if is_word else None


def agreement_of(reply: str) -> Said | None:
    """Return a critic's explanation and "yes" or "no"; None if it says neither."""
    said = _said(reply, AGREEMENT)
    return said if said and said.value in ("yes", "no") else None


def _said(reply: str, tag: str) -> Said | None:
    """Return what stands between the tags, and behind `tag` on its line."""
    if not reply.startswith(EXPLANATION) or reply.count("\n") > 1:
        return None
    found = list(_TAGGED[tag].finditer(reply))
    if len(found) != 1:
        return None
    explanation = reply[len(EXPLANATION) : found[0].start()].strip()
    return Said(explanation, found[0][1].strip().lower())


def colours(guess: str, target: str) -> tuple[str, ...]:
    """Return a colour for each letter: greens first, yellows while there are copies."""
    found = [GREEN if a == b else RED for a, b in zip(guess, target, strict=True)]
    left = [b for a, b in zip(guess, target, strict=True) if a != b]
    for place, letter in enumerate(guess):
        if found[place] == RED and letter in left:
            found[place] = YELLOW
            left.remove(letter)
    return tuple(found)


def feedback(guess: str, target: str) -> str:
    """Return a guess with its colours: "a<red> p<green> ..."."""
    pairs = zip(guess, colours(guess, target), strict=True)
    return " ".join(f"{letter}<{colour}>" for letter, colour in pairs)
