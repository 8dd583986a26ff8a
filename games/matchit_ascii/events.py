"""What the referee of matchit_ascii notices besides what is simply passed on."""

from dataclasses import dataclass

from games.events import Accepted, Malformed


@dataclass(frozen=True, slots=True)
class Decision(Accepted):
    """A player has decided."""

    role: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class NoDecision(Malformed):
    """A reply that has the flag of a decision, and is none."""
