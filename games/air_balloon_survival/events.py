"""What the referee of air_balloon_survival notices besides messages."""

from dataclasses import dataclass

from games.air_balloon_survival.rules import Objection
from games.events import Illegal, Impossible, Malformed


@dataclass(frozen=True, slots=True)
class BadStatement(Malformed):
    """A message of the wrong form."""

    role: str
    objection: Objection


@dataclass(frozen=True, slots=True)
class BrokenRule(Illegal):
    """A message that agrees to more than one proposal."""

    role: str
    objection: Objection


@dataclass(frozen=True, slots=True)
class NoSuchThing(Impossible):
    """A message about items or proposals that there are not."""

    role: str
    objection: Objection


Refused = BadStatement | BrokenRule | NoSuchThing
