"""What clembench's referee says of a fault.

Types and sentences are those that its transcripts have (MIT); the few faults that no
recorded episode shows have our own.
"""

from typing import Any, NamedTuple

from games.codenames.faults import (
    CountedTargets,
    Fault,
    FormOfWord,
    GuessedClue,
    NamedTwice,
    NoPrefix,
    NotHidden,
    SeveralWords,
    TooManyGuesses,
    TooManyLines,
)
from games.codenames.rules import CLUE, GUESS, TARGETS


class Complaint(NamedTuple):
    """A fault as clembench records it."""

    kind: str
    """Its type."""
    message: str
    details: dict[str, Any]
    """What else is recorded of a fault of this type."""


class Naming(NamedTuple):
    """How targets, or guesses, are spoken of."""

    one: str
    many: str
    said: str
    unknown: str
    repeated: str
    too_much: str


TARGETED = Naming(
    "target",
    "targets",
    "Targeted",
    "target is hallucination",
    "was already guessed",
    "more than two lines, please only give one clue and your targets.",
)
GUESSED = Naming(
    "guess",
    "guesses",
    "Guessed",
    "guess word is hallucination",
    "was already guessed previously",
    "more than one line, please only give one round of guesses on one line.",
)
_WHAT = {CLUE: "clue", TARGETS: "targets", GUESS: "guess"}


def complain(fault: Fault, naming: Naming) -> Complaint:
    """Put a fault into clembench's words."""
    match fault:
        case TooManyLines():
            message = f"Your answer contained {naming.too_much}"
            return Complaint("rambling error", message, {})
        case NoPrefix(prefix):
            what = f"Your {_WHAT[prefix]} did not start with"
            message = f"{what} the correct prefix ({prefix})."
            return Complaint("prefix error", message, {"prefix": prefix})
        case NotHidden():
            return _complain_of_word(fault, naming)
        case NamedTwice(word):
            message = f"{naming.said} word '{word}' was named twice."
            kind = f"{naming.one} was named twice"
            return Complaint(kind, message, {naming.one: word})
        case TooManyGuesses() | GuessedClue():
            return _complain_of_guesses(fault)
        case _:
            return _complain_of_clue(fault)


def _complain_of_clue(fault: Fault) -> Complaint:
    match fault:
        case SeveralWords(clue):
            message = f"Your clue '{clue}' is not a single word."
            return Complaint("clue contains several words", message, {"clue": clue})
        case CountedTargets(clue):
            kind = "clue line contains the number of targets"
            message = f"Your clue '{clue}' says how many targets there are."
            return Complaint(kind, message, {"clue": clue})
        case FormOfWord(clue, word):
            return Complaint(
                "clue is morphologically related to word on the board",
                f"Your clue '{clue}' is morphologically similar to the word {word}, "
                "please choose another clue word.",
                {"clue": clue, "similar_board_word": word},
            )
    raise AssertionError(f"no words for {fault}")


def _complain_of_guesses(fault: TooManyGuesses | GuessedClue) -> Complaint:
    if isinstance(fault, GuessedClue):
        message = (
            f"Guessed word '{fault.word}' is the same word as the provided clue word, "
            "you should only select words from the provided list."
        )
        details = {"guess": fault.word, "clue": fault.word}
        return Complaint("guess is clue word", message, details)
    guesses, most = list(fault.guesses), fault.most
    return Complaint(
        "wrong number of guesses",
        f"You made too many guesses ({len(guesses)}). You are only allowed to make "
        f"{most} guesses!",
        {"guesses": guesses, "number_of_allowed_guesses": most},
    )


def _complain_of_word(fault: NotHidden, naming: Naming) -> Complaint:
    """Say that a word was revealed, or never there."""
    word, before = fault.word, f"previous_{naming.many}"
    details = {naming.one: word, before: list(fault.revealed)}
    if word in fault.revealed:
        return Complaint(
            f"{naming.one} was already guessed",
            f"{naming.said} word '{word}' {naming.repeated}, pay attention to the "
            "newly provided list of remaining words.",
            details,
        )
    return Complaint(
        naming.unknown,
        f"{naming.said} word '{word}' was not listed, you can only {naming.one} "
        "words provided in the lists.",
        details | {"remaining_words": list(fault.hidden)},
    )
