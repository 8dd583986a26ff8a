"""matchit_ascii: two players find out by talking whether their grids are the same."""

from games.contract import Game, Instance
from games.kit.grids import find_filled
from games.matchit_ascii.clembench import BRIDGE
from games.matchit_ascii.expert import expert
from games.matchit_ascii.generator import drawing_of, generate
from games.matchit_ascii.master import GRID, SPEC, MatchIt, read_grid
from games.matchit_ascii.rules import A


def target(instance: Instance) -> str:
    """Return the first drawing, however it is flipped or turned."""
    return drawing_of(find_filled(read_grid(instance, A)))


def secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the other grid, unless it is the same."""
    own = instance.data[GRID[role]]
    grids = (instance.data[name] for name in GRID.values())
    return [grid for grid in grids if grid != own]


GAME = Game(SPEC, MatchIt, generate, expert, target, secrets, BRIDGE)
