"""clean_up: two players make their grids equal by talking and moving objects."""

from games.clean_up.clembench import BRIDGE
from games.clean_up.expert import expert
from games.clean_up.generator import drawing_of, generate, walls_of
from games.clean_up.master import SPEC, CleanUp, read_boards
from games.contract import Game, Instance


def target(instance: Instance) -> str:
    """Return the grid without objects, however it is flipped or turned."""
    return drawing_of(walls_of(instance.data["background"]))


def secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the other's grid."""
    return [str(board) for name, board in read_boards(instance).items() if name != role]


GAME = Game(SPEC, CleanUp, generate, expert, target, secrets, BRIDGE)
