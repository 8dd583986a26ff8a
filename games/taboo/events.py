"""What the referee of taboo notices."""

from dataclasses import dataclass

from games.events import Accepted, Event, Illegal
from games.taboo.rules import Clash


@dataclass(frozen=True, slots=True)
class Clue(Accepted):
    """A clue that says no forbidden word."""

    said: str
    """Without tag, capitals and punctuation."""


@dataclass(frozen=True, slots=True)
class ForbiddenWord(Illegal):
    """A clue that says what it must not."""

    clash: Clash
    is_target: bool
    """Whether it says the target, or else a related word."""


@dataclass(frozen=True, slots=True)
class Guess(Accepted):
    """A guess, right or wrong."""

    word: str


@dataclass(frozen=True, slots=True)
class LastRound(Event):
    """The guesser has replied in the last round, whatever it said."""

    rounds: int
