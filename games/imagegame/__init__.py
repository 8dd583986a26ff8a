"""imagegame: one player describes a letter grid, the other one draws it."""

from games.contract import Game
from games.imagegame.clembench import BRIDGE
from games.imagegame.expert import expert
from games.imagegame.generator import generate
from games.imagegame.master import SPEC, ImageGameMaster, secrets, target

GAME = Game(SPEC, ImageGameMaster, generate, expert, target, secrets, BRIDGE)
