"""matchit_ascii: two players find out by talking whether their grids are the same."""

from games.contract import Game, Instance
from games.kit.grids import find_filled
from games.matchit_ascii.blind import list_replies
from games.matchit_ascii.clembench import BRIDGE
from games.matchit_ascii.expert import make_expert
from games.matchit_ascii.generator import generate, name_drawing
from games.matchit_ascii.master import GRID, SPEC, MatchIt, name_answer, read_grid
from games.matchit_ascii.rules import A


def name_target(instance: Instance) -> str:
    """Return the first drawing, however it is flipped or turned."""
    return name_drawing(find_filled(read_grid(instance, A)))


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the other grid, unless it is the same."""
    own = instance.data[GRID[role]]
    grids = (instance.data[name] for name in GRID.values())
    return [grid for grid in grids if grid != own]


GAME = Game(
    SPEC,
    MatchIt,
    generate,
    make_expert,
    name_target,
    list_secrets,
    BRIDGE,
    answer=name_answer,
    blind=list_replies,
)
