"""What can be wrong with a clue or with guesses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from games.codenames.lemma import find_lemma
from games.events import Flaw


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reply is not valid."""


@dataclass(frozen=True, slots=True)
class TooManyLines(Fault):
    """It says more than it should."""


@dataclass(frozen=True, slots=True)
class NoPrefix(Fault):
    """It lacks a line with a prefix."""

    prefix: str
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class SeveralWords(Fault):
    """The clue is not one word."""

    clue: str


@dataclass(frozen=True, slots=True)
class CountedTargets(Fault):
    """The clue is followed by the number of targets."""

    clue: str


@dataclass(frozen=True, slots=True)
class FormOfWord(Fault):
    """The clue is a form of a hidden word."""

    clue: str
    word: str


@dataclass(frozen=True, slots=True)
class TooManyGuesses(Fault):
    """There are more guesses than targets."""

    guesses: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class GuessedClue(Fault):
    """A guess is the clue itself."""

    word: str


@dataclass(frozen=True, slots=True)
class NamedTwice(Fault):
    """A word is named twice."""

    word: str


@dataclass(frozen=True, slots=True)
class NotHidden(Fault):
    """A word was revealed before, or never there."""

    word: str
    hidden: tuple[str, ...]
    revealed: tuple[str, ...]
    """By the team's guesses: what the opponent revealed counts as never there."""


def find_form(clue: str, hidden: Sequence[str]) -> FormOfWord | None:
    """Find the first hidden word that a clue is a form of."""
    own = find_lemma(clue)
    similar = next((word for word in hidden if find_lemma(word) == own), None)
    return None if similar is None else FormOfWord(clue, similar)


def find_fault_of_words(
    words: Sequence[str],
    hidden: Collection[str],
    revealed: Collection[str],
    clue: str | None = None,
) -> Fault | None:
    """Find the first word that is the clue, not hidden, or named twice."""
    earlier: set[str] = set()
    for word in words:
        if word == clue:
            return GuessedClue(word)
        if word not in hidden:
            return NotHidden(word, tuple(hidden), tuple(revealed))
        if word in earlier:
            return NamedTwice(word)
        earlier.add(word)
    return None
