"""hellogame: one player greets somebody by name. The smallest complete game."""

from games.contract import Game, Instance
from games.hellogame.blind import list_replies
from games.hellogame.clembench import BRIDGE
from games.hellogame.expert import make_expert
from games.hellogame.generator import generate
from games.hellogame.master import SPEC, HelloGame


def name_target(instance: Instance) -> str:
    """Name whom to greet."""
    return instance.data["target_name"]


GAME = Game(
    SPEC,
    HelloGame,
    generate,
    make_expert,
    name_target,
    bridge=BRIDGE,
    blind=list_replies,
)
