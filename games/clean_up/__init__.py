"""clean_up: two players make their grids equal by talking and moving objects."""

from games.clean_up.blind import list_replies
from games.clean_up.clembench import BRIDGE
from games.clean_up.expert import make_expert
from games.clean_up.generator import generate, name_grid, read_walls
from games.clean_up.master import SPEC, CleanUp, read_boards
from games.contract import Game, Instance


def name_target(instance: Instance) -> str:
    """Return the grid without objects, however it is flipped or turned."""
    return name_grid(read_walls(instance.data["background"]))


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the other's grid."""
    return [str(board) for name, board in read_boards(instance).items() if name != role]


GAME = Game(
    SPEC,
    CleanUp,
    generate,
    make_expert,
    name_target,
    list_secrets,
    BRIDGE,
    blind=list_replies,
)
