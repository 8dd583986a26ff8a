"""What the referee of the three games notices."""

from dataclasses import dataclass
from typing import Any

from games.events import Accepted, Event, Impossible, Malformed


@dataclass(frozen=True, slots=True)
class Moved(Accepted):
    """A move through a door."""

    reply: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Blocked(Impossible):
    """A move towards no door."""

    reply: str


@dataclass(frozen=True, slots=True)
class Stopped(Accepted):
    """The player says that it is done."""

    reply: str


@dataclass(frozen=True, slots=True)
class BadReply(Malformed):
    """A reply that says neither."""


@dataclass(frozen=True, slots=True)
class BadDrawing(Malformed):
    """A command that comes with a drawing which cannot be read."""

    reply: str


@dataclass(frozen=True, slots=True)
class Drawn(Event):
    """The drawing that came with a move through a door."""

    graph: Any
