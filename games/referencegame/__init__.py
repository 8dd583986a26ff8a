"""referencegame: one player describes one of three grids, the other one finds it."""

from games.contract import Game
from games.referencegame.clembench import BRIDGE
from games.referencegame.expert import expert
from games.referencegame.generator import generate
from games.referencegame.master import SPEC, ReferenceGameMaster, target

GAME = Game(SPEC, ReferenceGameMaster, generate, expert, target, bridge=BRIDGE)
