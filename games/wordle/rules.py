"""The rules of wordle as small functions: parse a reply, compare a guess and a word.

They follow clembench's to the letter. By those of July 2025 (v2) a reply begins with
`explanation:`, has at most two lines, and holds its other tag exactly once. By those of
2026 (v3) it begins so in any case and may have any number of lines, and only from the
second on the other tag is looked for.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from games.contract import V2
from games.events import Flaw
from games.kit.flaws import find_flaw

"""Versions of clembench's rules."""
ROUNDS, LENGTH = 6, 5
UNKNOWN_WORDS = 5
"""So many guesses in a row may be unknown words; one more aborts."""
_BY_ROUND = tuple(round(100 / number, 2) for number in range(1, ROUNDS + 1))
SCORES = {
    "wordle": (100.0, 100.0, 100.0, 50.0, 30.0, 20.0),
    "wordle_withclue": _BY_ROUND,
    "wordle_withcritic": _BY_ROUND,
}
"""The main score by the round in which the word was found."""

EXPLANATION, GUESS, AGREEMENT = "explanation:", "guess:", "agreement:"
CLUE, FEEDBACK = "clue:", "guess_feedback:"
VERDICT, VERDICT_REASON = "guess_agreement:", "agreement_explanation:"
GREEN, YELLOW, RED = "green", "yellow", "red"

_TAGGED = {tag: re.compile(f"{tag}(.*)", re.IGNORECASE) for tag in (GUESS, AGREEMENT)}


class Said(NamedTuple):
    """A well-formed reply: its explanation, and the guess, or yes or no."""

    explanation: str
    value: str


class FormFault(StrEnum):
    """What is wrong with a reply."""

    START = "no explanation at the start"
    LINES = "more than two lines"
    ONCE = "not one guess or agreement"
    LETTERS = "a guess that is not one word"
    LENGTH = "a guess of another length"
    OPINION = "an agreement that is not yes or no"


def name_flaw(reply: str, fault: FormFault, tag: str) -> Flaw:
    """Name the flaw in the form of a reply with a fault; `tag` is what it needs."""
    if fault is FormFault.START:
        return find_flaw(reply, EXPLANATION, [GUESS, AGREEMENT]) or Flaw.NO_TAG
    if fault is FormFault.ONCE:
        is_many = len(_TAGGED[tag].findall(reply)) > 1
        return Flaw.EXTRA_TEXT if is_many else Flaw.NO_TAG
    return Flaw.EXTRA_TEXT if fault is FormFault.LINES else Flaw.UNREADABLE


def read_guess(reply: str, rules: str = V2) -> Said | FormFault:
    """Read a guesser's explanation and guess, or find the fault of its reply."""
    said = _read_said(reply, GUESS, rules)
    if isinstance(said, FormFault):
        return said
    if not said.value.isalpha():
        return FormFault.LETTERS
    return said if len(said.value) == LENGTH else FormFault.LENGTH


def read_agreement(reply: str, rules: str = V2) -> Said | FormFault:
    """Read a critic's explanation and "yes" or "no", or find the fault."""
    said = _read_said(reply, AGREEMENT, rules)
    is_opinion = isinstance(said, FormFault) or said.value in ("yes", "no")
    return said if is_opinion else FormFault.OPINION


def _read_said(reply: str, tag: str, rules: str) -> Said | FormFault:
    """Read the explanation, and what stands behind `tag` on its line.

    An explanation is the rest of the first line, in v3 all before the other tag.
    """
    is_v2 = rules == V2
    begin = reply[: len(EXPLANATION)]
    if (begin if is_v2 else begin.lower()) != EXPLANATION:
        return FormFault.START
    if is_v2 and reply.count("\n") > 1:
        return FormFault.LINES
    first = 0 if is_v2 else len(reply.partition("\n")[0])
    found = list(_TAGGED[tag].finditer(reply, first))
    if len(found) != 1:
        return FormFault.ONCE
    end = len(reply.partition("\n")[0]) if is_v2 else found[0].start()
    explanation = reply[len(EXPLANATION) : end].strip()
    return Said(explanation, found[0][1].strip().lower())


def mark_letters(guess: str, target: str) -> tuple[str, ...]:
    """Colour each letter: greens first, yellows while there are copies."""
    found = [GREEN if a == b else RED for a, b in zip(guess, target, strict=True)]
    left = [b for a, b in zip(guess, target, strict=True) if a != b]
    for place, letter in enumerate(guess):
        if found[place] == RED and letter in left:
            found[place] = YELLOW
            left.remove(letter)
    return tuple(found)


def write_feedback(guess: str, target: str) -> str:
    """Write a guess with its colours: "a<red> p<green> ..."."""
    pairs = zip(guess, mark_letters(guess, target), strict=True)
    return " ".join(f"{letter}<{colour}>" for letter, colour in pairs)
