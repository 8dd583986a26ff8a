"""What the referee of imagegame notices."""

from dataclasses import dataclass

from games.events import Accepted, Malformed
from games.imagegame.rules import Similarity


@dataclass(frozen=True, slots=True)
class Command(Accepted):
    """The giver's command."""

    text: str
    """All of its reply."""


@dataclass(frozen=True, slots=True)
class Done(Accepted):
    """The giver says that everything is described."""

    text: str


@dataclass(frozen=True, slots=True)
class Drawing(Accepted):
    """The follower's grid."""

    text: str
    similarity: Similarity
    """The one before it, if the grid is empty."""


@dataclass(frozen=True, slots=True)
class BadCommand(Malformed):
    """A reply of the giver that is neither."""


@dataclass(frozen=True, slots=True)
class BadGrid(Malformed):
    """A reply of the follower that is no grid."""
