"""What the referee of clean_up notices."""

from dataclasses import dataclass

from games.clean_up.rules import Move
from games.events import Accepted, Impossible, Malformed


@dataclass(frozen=True, slots=True)
class Spoken(Accepted):
    """A message to the other player."""

    text: str


@dataclass(frozen=True, slots=True)
class Moved(Accepted):
    """An object was moved."""

    role: str
    """By whom."""
    move: Move


@dataclass(frozen=True, slots=True)
class BadCommand(Malformed):
    """A reply that is not one command: a penalty."""

    fault: str
    """Clembench's name of it."""


@dataclass(frozen=True, slots=True)
class FailedMove(Impossible):
    """A move that cannot be made: a penalty."""

    fault: str
    """Clembench's name of it."""
