"""What the referee of dond notices besides messages."""

from dataclasses import dataclass

from games.dond.rules import Counts
from games.events import Accepted, Impossible


@dataclass(frozen=True, slots=True)
class Proposal(Accepted):
    """A secret proposal."""

    counts: Counts


@dataclass(frozen=True, slots=True)
class TooMuch(Impossible):
    """A proposal that asks for more than there is."""

    counts: Counts
