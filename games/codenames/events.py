"""What the referee of codenames notices."""

from dataclasses import dataclass

from games.codenames.faults import (
    CountedTargets,
    NoPrefix,
    NotHidden,
    SeveralWords,
    TooManyLines,
)
from games.codenames.rules import Said
from games.events import Accepted, Event, Flaw, Illegal, Impossible, Malformed, Verdict


@dataclass(frozen=True, slots=True)
class RoundBegun(Event):
    """How the board stands at the begin of a round."""

    hidden: tuple[str, ...]
    revealed: tuple[str, ...]
    """By the team's guesses, in order."""
    lost: tuple[str, ...]
    """Revealed by the opponent, in order."""


@dataclass(frozen=True, slots=True)
class Clue(Accepted):
    """A valid clue."""

    said: Said


@dataclass(frozen=True, slots=True)
class Guesses(Accepted):
    """Valid guesses."""

    said: Said
    targets: tuple[str, ...]
    """What the clue was meant for."""
    revealed: tuple[str, ...]
    """The guesses up to the first that is not the team's."""


@dataclass(frozen=True, slots=True)
class OpponentRevealed(Event):
    """The opponent has revealed a word of its own."""

    word: str


@dataclass(frozen=True, slots=True)
class BadReply(Malformed):
    """A reply of the wrong form."""

    role: str
    said: Said


@dataclass(frozen=True, slots=True)
class BrokenRule(Illegal):
    """A clue or guesses that are not allowed."""

    role: str
    said: Said


@dataclass(frozen=True, slots=True)
class NotOnBoard(Impossible):
    """A target or guess that is not among the hidden words."""

    role: str
    said: Said


def judge_fault(role: str, said: Said) -> Verdict:
    """Say of which kind the fault of a reply is."""
    match said.fault:
        case NoPrefix(flaw=flaw):
            return BadReply(flaw, role, said)
        case TooManyLines() | CountedTargets():
            return BadReply(Flaw.EXTRA_TEXT, role, said)
        case SeveralWords():
            return BadReply(Flaw.UNREADABLE, role, said)
        case NotHidden():
            return NotOnBoard(role, said)
    return BrokenRule(role, said)
