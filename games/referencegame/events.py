"""What the referee of referencegame notices."""

from dataclasses import dataclass

from games.events import Accepted


@dataclass(frozen=True, slots=True)
class Expression(Accepted):
    """A description of the target."""

    text: str
    """All of the giver's reply."""


@dataclass(frozen=True, slots=True)
class Answer(Accepted):
    """The follower's choice."""

    label: str
    is_right: bool
