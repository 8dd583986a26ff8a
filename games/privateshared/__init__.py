"""privateshared: one player is asked for facts, and aside what the asker knows."""

from games.contract import Game, Instance
from games.privateshared.blind import list_replies
from games.privateshared.clembench import BRIDGE
from games.privateshared.expert import make_expert
from games.privateshared.generator import generate, name_values
from games.privateshared.master import SPEC, PrivateShared


def name_target(instance: Instance) -> str:
    """Return the values of all slots."""
    return name_values(instance.data["slots"])


GAME = Game(
    SPEC,
    PrivateShared,
    generate,
    make_expert,
    name_target,
    bridge=BRIDGE,
    blind=list_replies,
)
