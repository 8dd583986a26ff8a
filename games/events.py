"""What a referee notices, as data: the verdict on every reply, and the end.

A game declares its own events in its `events.py`, each derived from one of these kinds.
So what happened can be counted over all games: why replies fail by the kind of their
verdict (and a malformed one's flaw), why episodes fail by the reason of their end. In
which words clembench tells it is the business of the game's `clembench.py`.

An event is never changed: copies of a master share those that were before.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Outcome(StrEnum):
    """How an episode ended."""

    SUCCESS = "success"
    LOSE = "lose"
    ABORTED = "aborted"
    """A reply broke the format or protocol; the main score is undefined (NaN)."""


class Flaw(StrEnum):
    """What is wrong with the form of a reply."""

    NO_TAG = "no tag"
    """It lacks a part that it must have."""
    WRONG_TAG = "wrong tag"
    """It has the form of another reply of the game."""
    EXTRA_TEXT = "extra text"
    """Something stands before, between or behind what it should consist of."""
    UNREADABLE = "unreadable"
    """What stands behind the tag is not of the kind that is asked for."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the referee noticed."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


@dataclass(frozen=True, slots=True)
class Verdict(Event):
    """What the referee makes of a reply: there is exactly one verdict a reply."""


@dataclass(frozen=True, slots=True)
class Accepted(Verdict):
    """The reply was read and is allowed; it need not be right."""


@dataclass(frozen=True, slots=True)
class Malformed(Verdict):
    """The reply is not of the form that is asked for."""

    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Illegal(Verdict):
    """The reply is well-formed, but a rule forbids it."""


@dataclass(frozen=True, slots=True)
class Impossible(Verdict):
    """The reply is well-formed, but what it says cannot be done as things stand."""


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """The episode is over: the last event of every episode."""

    outcome: Outcome
    reason: str
    """In the game's own words: "solved", "turn limit", "wrong guess"."""
