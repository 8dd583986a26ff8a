"""The rules of imagegame: what a reply is, and how a drawing is scored.

The three patterns are those of every clembench v2.0 instance. A cell may be followed
by any one whitespace character, even a newline or a tab. Such a grid is well-formed,
but has the wrong shape: it scores 0, or the score before it stays.
"""

import re
from itertools import chain
from typing import NamedTuple

from games.events import Flaw
from games.kit.flaws import find_flaw
from games.kit.grids import EMPTY, SIZE, find_grids, parse_grid

ROUNDS = 50
"""Commands, each followed by a grid, after which the game ends: 2 x 25 cells."""
SUCCESS_F1 = 99

_ROW = rf"([A-Z{EMPTY}]\s){{{SIZE - 1}}}[A-Z{EMPTY}]"
_TAG = "command:"
_LOOKED_AT = 2000
"""Characters of a malformed reply that are looked at to say what is wrong."""
COMMAND = re.compile("^command: [^\n]+$", re.IGNORECASE)
DONE = re.compile(r"^\s*command\s*:\s*done\s*$", re.IGNORECASE)
GRID = re.compile("^\n*" + "\n".join([_ROW] * SIZE) + "\n*$")


class Similarity(NamedTuple):
    """How near a drawing is to the target, in whole percent; NaN where undefined."""

    precision: float = 0
    recall: float = 0
    f1: float = 0


def is_done(reply: str) -> bool:
    """Whether the giver says that everything is described."""
    return DONE.match(reply) is not None


def is_command(reply: str) -> bool:
    """Whether the giver's reply is one command."""
    return COMMAND.match(reply) is not None


def is_grid(reply: str) -> bool:
    """Whether the follower's reply is a grid and nothing else."""
    return GRID.match(reply) is not None


def name_flaw_of_command(reply: str) -> Flaw:
    """Name the flaw in the form of a reply that is no command."""
    if flaw := find_flaw(reply[:_LOOKED_AT].lower(), _TAG):
        return Flaw.WRONG_TAG if is_grid(reply) else flaw
    return Flaw.EXTRA_TEXT if "\n" in reply else Flaw.UNREADABLE


def name_flaw_of_grid(reply: str) -> Flaw:
    """Name the flaw in the form of a reply that is no grid."""
    text = reply[:_LOOKED_AT]
    if text.lower().startswith(_TAG):
        return Flaw.WRONG_TAG
    return Flaw.EXTRA_TEXT if find_grids(text) else Flaw.UNREADABLE


def read_first_line(reply: str) -> str:
    """Read the line of a command that the follower is told: the first."""
    return reply.split("\n", 1)[0]


def split_cells(drawing: str) -> list[list[str]]:
    """Split a grid as it is written into rows of cells, at single blanks."""
    return [row.split(" ") for row in drawing.strip().split("\n")]


def is_whole(rows: list[list[str]]) -> bool:
    """Whether all rows of a grid are there, and as long as they should be."""
    return [len(row) for row in rows] == [SIZE] * SIZE


def compare(target: str, drawing: str) -> Similarity | None:
    """Compare a drawing with the target.

    None, which leaves the score before it, if it is empty, or has its size by the
    number of rows and the first of them, but not in all rows.
    """
    wanted, rows = parse_grid(target.upper()), split_cells(drawing.upper())
    assert wanted is not None, "the target is not a grid"
    if len(rows) != SIZE or len(rows[0]) != SIZE:
        return Similarity()
    if not is_whole(rows):
        return None
    pairs = list(zip(chain(*wanted), chain(*rows), strict=True))
    filled = sum(b != EMPTY for _, b in pairs)
    if not filled:
        return None
    hits = sum(a == b != EMPTY for a, b in pairs)
    precision = round(hits / filled, 4)
    recall = round(hits / sum(a != EMPTY for a, _ in pairs), 4)
    f1 = round(2 * precision * recall / (precision + recall), 4) if hits else 0.0
    return Similarity(*(round(100 * part) for part in (precision, recall, f1)))
