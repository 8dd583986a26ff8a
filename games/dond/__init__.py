"""dond: deal or no deal; two players agree on who gets what, then claim it."""

from games.contract import Game, Instance
from games.dond.blind import list_replies
from games.dond.clembench import BRIDGE
from games.dond.expert import make_expert
from games.dond.generator import generate, name_problem
from games.dond.master import SPEC, VALUES, A, B, DealOrNoDeal, read_items


def name_target(instance: Instance) -> str:
    """Return the counts and values, whatever the items and players are called."""
    data = instance.data
    return name_problem(
        *(tuple(data[f]) for f in ("item_counts", VALUES[A], VALUES[B]))
    )


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the other's values, unless the same."""
    own, other = (
        read_items(instance).list_values(instance.data[VALUES[name]])
        for name in (role, B if role == A else A)
    )
    return [other] if other != own else []


GAME = Game(
    SPEC,
    DealOrNoDeal,
    generate,
    make_expert,
    name_target,
    list_secrets,
    BRIDGE,
    blind=list_replies,
)
