"""What players of imagegame can say who know nothing: any command, any drawing."""

from collections.abc import Sequence
from functools import cache
from string import ascii_uppercase

from games.contract import Instance, Message
from games.imagegame.master import GIVER
from games.kit.grids import BLANK, CELLS, paint, render_grid
from games.kit.regions import NAMED


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List commands to draw any letter anywhere and to stop, or drawings of these."""
    return _list_commands() if role == GIVER else _list_drawings()


@cache
def _list_commands() -> tuple[str, ...]:
    commands = [f"Put a {c} in {where}" for c in ascii_uppercase for where in NAMED]
    stops = ["DONE"] * len(ascii_uppercase)
    return tuple(f"Command: {command}" for command in commands + stops)


@cache
def _list_drawings() -> tuple[str, ...]:
    regions = [frozenset(CELLS), *NAMED.values()]
    return tuple(
        render_grid(paint(BLANK, cells, letter))
        for letter in ascii_uppercase[::-1]
        for cells in regions
    )
