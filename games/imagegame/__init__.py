"""imagegame: one player describes a letter grid, the other one draws it."""

from games.contract import Game
from games.imagegame.blind import list_replies
from games.imagegame.clembench import BRIDGE
from games.imagegame.expert import make_expert
from games.imagegame.generator import generate
from games.imagegame.master import SPEC, ImageGameMaster, list_secrets, name_target

GAME = Game(
    SPEC,
    ImageGameMaster,
    generate,
    make_expert,
    name_target,
    list_secrets,
    BRIDGE,
    blind=list_replies,
)
