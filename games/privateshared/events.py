"""What the referee of privateshared notices."""

from dataclasses import dataclass

from games.events import Accepted, Event, Malformed


@dataclass(frozen=True, slots=True)
class Probe:
    """One question to the player about what the asker knows."""

    slot: str
    text: str
    is_known: bool
    """The truth: whether the asker knows it by now."""


@dataclass(frozen=True, slots=True)
class ProbingBegun(Event):
    """These are to be asked before the next request."""

    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Aside(Accepted):
    """A reply to a probe, yes or no."""

    said: str


@dataclass(frozen=True, slots=True)
class BadAside(Malformed):
    """A reply to a probe that is neither."""


@dataclass(frozen=True, slots=True)
class Probed(Event):
    """A probe was answered, or asked in vain for the last time."""

    probe: Probe
    reply: str
    """The last reply to it."""
    said: str
    """What it says: yes, no, or nothing valid."""
    tries: int
    """How often it was asked."""


@dataclass(frozen=True, slots=True)
class Answer(Accepted):
    """An answer to a request."""

    is_filled: bool
    """Whether it has the value of the slot that was asked for."""


@dataclass(frozen=True, slots=True)
class BadAnswer(Malformed):
    """An answer in the wrong form: it is passed over."""


@dataclass(frozen=True, slots=True)
class Anticipated(Event):
    """An answer has the value of a slot that was to be asked for later."""

    slot: str
    before: int
    """The request, from 0, by which it was to be known."""
    now: int
