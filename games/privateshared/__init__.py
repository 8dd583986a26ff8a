"""privateshared: one player is asked for facts, and aside what the asker knows."""

from games.contract import Game, Instance
from games.privateshared.clembench import BRIDGE
from games.privateshared.expert import expert
from games.privateshared.generator import generate, values_of
from games.privateshared.master import SPEC, PrivateShared


def target(instance: Instance) -> str:
    """Return the values of all slots."""
    return values_of(instance.data["slots"])


GAME = Game(SPEC, PrivateShared, generate, expert, target, bridge=BRIDGE)
