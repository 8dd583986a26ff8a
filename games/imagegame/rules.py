"""The rules of imagegame: what a reply is, and how a drawing is scored.

The three patterns are those of every clembench v2.0 instance. A cell may be followed
by any one whitespace character, even a newline: such a grid is well-formed but has
the wrong shape, and scores 0.
"""

import re
from typing import NamedTuple

from games.grids import EMPTY, SIZE, parse_grid

ROUNDS = 50
"""Commands, each followed by a grid, after which the game ends: 2 x 25 cells."""
SUCCESS_F1 = 99

_ROW = rf"([A-Z{EMPTY}]\s){{{SIZE - 1}}}[A-Z{EMPTY}]"
COMMAND = re.compile("^command: [^\n]+$", re.IGNORECASE)
DONE = re.compile(r"^\s*command\s*:\s*done\s*$", re.IGNORECASE)
GRID = re.compile("^\n*" + "\n".join([_ROW] * SIZE) + "\n*$")


class Similarity(NamedTuple):
    """How near a drawing is to the target, in whole percent."""

    precision: int = 0
    recall: int = 0
    f1: int = 0


def is_done(reply: str) -> bool:
    """Whether the giver says that everything is described."""
    return DONE.match(reply) is not None


def is_command(reply: str) -> bool:
    """Whether the giver's reply is one command."""
    return COMMAND.match(reply) is not None


def is_grid(reply: str) -> bool:
    """Whether the follower's reply is a grid and nothing else."""
    return GRID.match(reply) is not None


def command_line(reply: str) -> str:
    """Return what the follower is told: the first line."""
    return reply.split("\n", 1)[0]


def similarity(target: str, drawing: str) -> Similarity | None:
    """Return how near `drawing` is to `target`, None if the drawing is empty."""
    wanted, drawn = parse_grid(target.upper()), parse_grid(drawing.upper())
    if drawn is None:
        return Similarity()
    pairs = list(zip("".join(wanted), "".join(drawn), strict=True))
    filled = sum(b != EMPTY for _, b in pairs)
    if not filled:
        return None
    hits = sum(a == b != EMPTY for a, b in pairs)
    precision = round(hits / filled, 4)
    recall = round(hits / sum(a != EMPTY for a, _ in pairs), 4)
    f1 = round(2 * precision * recall / (precision + recall), 4) if hits else 0.0
    return Similarity(*(round(100 * part) for part in (precision, recall, f1)))
