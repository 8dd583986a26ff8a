"""What can be wrong with a clue or with guesses, and what the referee says of it.

Types and sentences are those that clembench's transcripts have (MIT); the few faults
that no recorded episode shows have our own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from games.codenames.lemma import lemma


@dataclass(frozen=True)
class Fault:
    """Why a reply is not valid."""

    kind: str
    """Clembench's type of the error."""
    message: str
    details: dict[str, Any] = field(default_factory=dict)
    """What else clembench records of an error of this type."""
    player: str = ""
    """Who is said to have made it, if not the one who did."""


class Wording(NamedTuple):
    """How targets, or guesses, are spoken of."""

    one: str
    many: str
    said: str
    unknown: str
    repeated: str


TARGETED = Wording(
    "target", "targets", "Targeted", "target is hallucination", "was already guessed"
)
GUESSED = Wording(
    "guess",
    "guesses",
    "Guessed",
    "guess word is hallucination",
    "was already guessed previously",
)


def too_many_lines(role: str) -> Fault:
    """Return the fault of a reply that says more than it should."""
    if role == "guess":
        text = "more than one line, please only give one round of guesses on one line."
    else:
        text = "more than two lines, please only give one clue and your targets."
    return Fault("rambling error", f"Your answer contained {text}")


def no_prefix(what: str, prefix: str) -> Fault:
    """Return the fault of a reply that lacks a line with its prefix."""
    message = f"Your {what} did not start with the correct prefix ({prefix})."
    return Fault("prefix error", message, {"prefix": prefix})


def several_words(clue: str) -> Fault:
    """Return the fault of a clue that is not one word."""
    message = f"Your clue '{clue}' is not a single word."
    return Fault("clue contains several words", message, {"clue": clue})


def counted_targets(clue: str) -> Fault:
    """Return the fault of a clue and a number, for which the guesser is blamed."""
    return Fault(
        "clue line contains the number of targets",
        f"Your clue '{clue}' says how many targets there are.",
        {"clue": clue},
        "Guesser",
    )


def fault_of_form(clue: str, hidden: Sequence[str]) -> Fault | None:
    """Return the fault of a clue that is a form of a hidden word."""
    own = lemma(clue)
    similar = next((word for word in hidden if lemma(word) == own), None)
    if similar is None:
        return None
    return Fault(
        "clue is morphologically related to word on the board",
        f"Your clue '{clue}' is morphologically similar to the word {similar}, please "
        "choose another clue word.",
        {"clue": clue, "similar_board_word": similar},
    )


def fault_of_number(guesses: Sequence[str], most: int) -> Fault | None:
    """Return the fault of more guesses than there are targets."""
    if len(guesses) <= most:
        return None
    return Fault(
        "wrong number of guesses",
        f"You made too many guesses ({len(guesses)}). You are only allowed to make "
        f"{most} guesses!",
        {"guesses": list(guesses), "number_of_allowed_guesses": most},
    )


def fault_of_words(
    words: Sequence[str],
    hidden: Collection[str],
    revealed: Collection[str],
    wording: Wording,
    clue: str | None = None,
) -> Fault | None:
    """Return the fault of the first word that is the clue, not hidden, or named twice.

    `revealed` are the words that the team's guesses have revealed; a word that the
    opponent revealed counts as one that never was on the board.
    """
    earlier: set[str] = set()
    for word in words:
        if word == clue:
            return _is_clue(word)
        if word not in hidden:
            return _not_hidden(word, hidden, revealed, wording)
        if word in earlier:
            message = f"{wording.said} word '{word}' was named twice."
            return Fault(f"{wording.one} was named twice", message, {wording.one: word})
        earlier.add(word)
    return None


def _is_clue(word: str) -> Fault:
    message = (
        f"Guessed word '{word}' is the same word as the provided clue word, you should "
        "only select words from the provided list."
    )
    return Fault("guess is clue word", message, {"guess": word, "clue": word})


def _not_hidden(
    word: str, hidden: Collection[str], revealed: Collection[str], wording: Wording
) -> Fault:
    """Return the fault of a word that was revealed, or never there."""
    before = f"previous_{wording.many}"
    if word in revealed:
        return Fault(
            f"{wording.one} was already guessed",
            f"{wording.said} word '{word}' {wording.repeated}, pay attention to the "
            "newly provided list of remaining words.",
            {wording.one: word, before: list(revealed)},
        )
    return Fault(
        wording.unknown,
        f"{wording.said} word '{word}' was not listed, you can only {wording.one} "
        "words provided in the lists.",
        {
            wording.one: word,
            before: list(revealed),
            "remaining_words": list(hidden),
        },
    )
