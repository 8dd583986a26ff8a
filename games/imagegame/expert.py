"""Scripted players of imagegame, which read nothing but their own chat.

With probability 1 - skill a turn goes wrong: the giver commands what is not in the
target or stops too early, the follower misdraws a cell or two.
"""

import random
import re
from itertools import combinations
from string import ascii_uppercase

from games.contract import Instance, Message, Player
from games.imagegame.generator import MOST_REGIONS
from games.imagegame.master import GIVER
from games.kit.grids import (
    BLANK,
    CELLS,
    EMPTY,
    Cell,
    Grid,
    find_filled,
    find_grids,
    paint,
    parse_grid,
    render_grid,
)
from games.kit.regions import NAMED, find_mentions

_DONE = "Command: DONE"
_LETTER = re.compile(r"(?<![\w'])([A-Z])(?![\w'])")
_SMALL_LETTER = re.compile(r"\b(?:an?|with|letter) [\"']?([a-z])\b")
_CLEAR = re.compile(r"\b(?:empty|clear|erase|remove|delete|blank)", re.IGNORECASE)
_LONGEST_COMMAND = 2000


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted giver or follower."""
    play = _give if role == GIVER else _follow

    def reply(messages: list[Message]) -> str:
        return play(messages, rng.random() < skill, rng)

    return reply


def _give(messages: list[Message], well: bool, rng: random.Random) -> str:
    """Return the next command, a wrong one unless `well`."""
    grid = find_grids(messages[0]["content"])[-1]
    plan = plan_commands(grid)
    turn = len(messages) // 2
    if turn >= len(plan):
        return _DONE
    if well:
        return plan[turn]
    wrong = [name for name, cells in NAMED.items() if not cells <= find_filled(grid)]
    return rng.choice(
        [_write_command(_find_letter(grid), name) for name in wrong] + [_DONE]
    )


def plan_commands(grid: Grid) -> list[str]:
    """Return few commands that draw the filled cells of a one-letter grid.

    Named regions if at most four of them make up the drawing, row by row otherwise.
    """
    cells = find_filled(grid)
    inside = {name: part for name, part in NAMED.items() if part <= cells}
    for size in range(1, MOST_REGIONS + 1):
        for names in combinations(inside, size):
            if frozenset().union(*(inside[name] for name in names)) == cells:
                return [_write_command(_find_letter(grid), name) for name in names]
    return [_write_row_command(grid, row) for row in sorted({row for row, _ in cells})]


def _write_row_command(grid: Grid, row: int) -> str:
    columns = [str(c + 1) for c, char in enumerate(grid[row]) if char != EMPTY]
    listed = " and ".join([", ".join(columns[:-1]), columns[-1]][len(columns) < 2 :])
    noun = "column" if len(columns) == 1 else "columns"
    letter = next(char for char in grid[row] if char != EMPTY)
    return _write_command(letter, f"row {row + 1}, {noun} {listed}")


def _write_command(letter: str, where: str) -> str:
    article = "an" if letter in "AEFHILMNORSX" else "a"
    return f"Command: Put {article} {letter} in {where}"


def _find_letter(grid: Grid) -> str:
    return next(char for row in grid for char in row if char != EMPTY)


def _follow(messages: list[Message], well: bool, rng: random.Random) -> str:
    """Return the grid after the last command, misdrawn unless `well`."""
    own = [m["content"] for m in messages if m["role"] == "assistant"]
    grid = (parse_grid(own[-1]) if own else None) or BLANK
    grid = obey(grid, messages[-1]["content"].rstrip("\n").rsplit("\n", 1)[-1])
    for _ in range(0 if well else rng.randint(1, 2)):
        cell = rng.choice(CELLS)
        other = EMPTY if cell in find_filled(grid) else rng.choice(ascii_uppercase)
        grid = paint(grid, frozenset({cell}), other)
    return render_grid(grid)


def obey(grid: Grid, command: str) -> Grid:
    """Return the grid after a command, unchanged if it cannot be understood."""
    command = command[:_LONGEST_COMMAND].split(":", 1)[-1]
    found = [mention.cells for mention in find_mentions(command)]
    letter = _read_letter(command)
    return paint(grid, frozenset[Cell]().union(*found), letter) if letter else grid


def _read_letter(command: str) -> str | None:
    """Read the letter to write, EMPTY to clear cells, or None."""
    if match := _LETTER.search(command):
        return match[1]
    if match := _SMALL_LETTER.search(command):
        return match[1].upper()
    return EMPTY if _CLEAR.search(command) else None
