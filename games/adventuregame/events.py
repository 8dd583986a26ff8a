"""What the referee of adventuregame notices."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from games.adventuregame.interpreter import Done
from games.events import Accepted, Event, Impossible, Malformed


class Missing(StrEnum):
    """What a reply in bad form lacks; the value is clembench's name of it."""

    COMMAND = "command_tag_missing"
    PLAN = "next_actions_missing"


@dataclass(frozen=True, slots=True)
class TurnBegun(Event):
    """Another turn begins."""

    number: int
    """From 0."""


@dataclass(frozen=True, slots=True)
class BadReply(Malformed):
    """A reply without a command, or without a plan where there must be one."""

    missing: Missing


@dataclass(frozen=True, slots=True)
class Claimed(Event):
    """A reply without a command says that all is done."""

    reply: str


@dataclass(frozen=True, slots=True)
class PlanMade(Event):
    """A reply says what the player would do next."""

    steps: list[str]


@dataclass(frozen=True, slots=True)
class Action(Accepted):
    """A command was carried out."""

    done: Done
    gained: int
    """How many goals more hold than before, or fewer."""


@dataclass(frozen=True, slots=True)
class FailedAction(Impossible):
    """A command was not understood, or could not be carried out."""

    done: Done
    gained: int


@dataclass(frozen=True, slots=True)
class PlanTried(Event):
    """The last plan was tried, and undone."""

    steps: list[str]
    results: list[Done]
    """Of its commands, up to the first that fails."""
    viability: float
    """Share of the plan that could have been carried out from there."""
    is_followed: bool
    """Whether the turn's command was the first of the plan before."""
    is_first: bool
    """Whether there was no plan before."""


@dataclass(frozen=True, slots=True)
class AllAchieved(Event):
    """All goals hold after a command."""

    goals: list[Any]
