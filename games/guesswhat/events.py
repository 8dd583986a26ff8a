"""What the referee of guesswhat notices besides questions and answers."""

from dataclasses import dataclass

from games.events import Accepted, Event, Illegal, Malformed
from games.guesswhat.rules import Mistake


@dataclass(frozen=True, slots=True)
class Guess(Accepted):
    """The one guess."""

    word: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class BadReply(Malformed):
    """A reply of the wrong form."""

    mistake: Mistake


@dataclass(frozen=True, slots=True)
class ForbiddenQuestion(Illegal):
    """A question about something else than the meaning of the word."""

    mistake: Mistake


@dataclass(frozen=True, slots=True)
class LastRound(Event):
    """The question of the last round was answered: there is no time for a guess."""

    rounds: int
