"""What the referee of the wordles notices."""

from dataclasses import dataclass

from games.events import Accepted, Illegal, Malformed
from games.wordle.rules import FormFault


@dataclass(frozen=True, slots=True)
class Guess(Accepted):
    """A guess that counts."""

    number: int
    """The first one is 1."""
    word: str
    explanation: str
    marks: str
    """Its feedback."""


@dataclass(frozen=True, slots=True)
class Proposal(Accepted):
    """A guess that the critic is asked about before it counts."""

    word: str


@dataclass(frozen=True, slots=True)
class Opinion(Accepted):
    """What the critic thinks of a proposal."""

    agreement: str
    """Yes or no, in small letters."""


@dataclass(frozen=True, slots=True)
class BadReply(Malformed):
    """A reply of the wrong form."""

    fault: FormFault
    tag: str
    """Of what the reply should say."""


@dataclass(frozen=True, slots=True)
class UnknownWord(Illegal):
    """A guess of five letters that is no word of the game."""
