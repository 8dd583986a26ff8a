"""referencegame: one player describes one of three grids, the other one finds it."""

from games.contract import Game
from games.referencegame.blind import list_replies
from games.referencegame.clembench import BRIDGE
from games.referencegame.expert import make_expert
from games.referencegame.generator import balance, generate, name_answer
from games.referencegame.master import SPEC, ReferenceGameMaster, name_target

GAME = Game(
    SPEC,
    ReferenceGameMaster,
    generate,
    make_expert,
    name_target,
    bridge=BRIDGE,
    answer=name_answer,
    balance=balance,
    blind=list_replies,
)
