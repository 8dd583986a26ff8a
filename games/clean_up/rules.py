"""The rules of clean_up as small functions: read a command, move on a grid, score.

Commands are read as clembench's two patterns read them, but in linear time: on hostile
replies the pattern of a move takes quadratic time.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from games.events import Flaw

SIZE = 7
"""Rows and columns inside the frame; cells are (column, row) from 1."""
EMPTY = "◌"
SAY, MOVE = "SAY: ", "MOVE: "
SAY_PATTERN = r"(?P<head>.*)SAY: (?P<message>[^\n]+)(?P<tail>.*)"
MOVE_PATTERN = (
    r"(?P<head>.*)MOVE: (?P<obj>[^,]+), \((?P<x>\d+), ?(?P<y>\d+)\)(?P<tail>.*)"
)
"""What `read_command` does, in the words of clembench's instances."""
Cell = tuple[int, int]

_SAY = re.compile(r"(.*)SAY: ([^\n]+)", re.DOTALL)
_GOAL = re.compile(r", \((\d+), ?(\d+)\)")
_MOST_DIGITS = 9


@dataclass(frozen=True)
class Say:
    """A message to the other player."""

    message: str


@dataclass(frozen=True)
class Move:
    """A wish to move an object."""

    name: str
    cell: Cell


def read_command(reply: str, *, must_say: bool) -> Say | Move | str:
    """Read the one command of a reply, or name its fault as clembench does."""
    text = reply.replace("`", "").strip()
    say, move = _find_say(text), _find_move(text)
    if say and move:
        return "several_commands"
    if must_say and not say:
        return "invalid_start"
    found = say or move
    if not found:
        return "invalid_format"
    command, start, end = found
    around = ("head" * (start > 0), "tail" * (end < len(text)))
    return "_".join(filter(None, around)) or command


def name_flaw(reply: str, fault: str) -> Flaw:
    """Name the flaw in the form of a reply; `fault` is clembench's name of it."""
    if fault not in ("invalid_format", "invalid_start"):
        return Flaw.EXTRA_TEXT
    if fault == "invalid_start" and _find_move(reply):
        return Flaw.WRONG_TAG
    return Flaw.UNREADABLE if SAY in reply or MOVE in reply else Flaw.NO_TAG


def _find_say(text: str) -> tuple[Say, int, int] | None:
    """Return the last message of a text, and where it starts and ends."""
    match = _SAY.match(text)
    return match and (Say(match[2]), match.end(1), match.end())


def _find_move(text: str) -> tuple[Move, int, int] | None:
    """Return the last move of a text, and where it starts and ends."""
    if not _GOAL.search(text):
        return None
    comma, tried, searched, start = -1, -1, len(text), text.rfind(MOVE)
    while start >= 0:
        begin = start + len(MOVE)
        # nothing is looked at twice: linear in a reply of nothing but MOVE
        found = text.find(",", begin, searched)
        comma, searched = (found if found >= 0 else comma), begin
        if comma > begin and comma != tried:
            tried = comma
            if goal := _GOAL.match(text, comma):
                cell = _read_number(goal[1]), _read_number(goal[2])
                return Move(text[begin:comma], cell), start, goal.end()
        start = text.rfind(MOVE, 0, start)
    return None


def _read_number(digits: str) -> int:
    """Read a number; one of very many digits is just a large one."""
    return int(digits) if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS


class Board:
    """One player's grid."""

    def __init__(self, background: str, objects: Mapping[str, Cell]) -> None:
        self._rows = background.split("\n")
        self.objects = dict(objects)

    def look_at(self, cell: Cell) -> str:
        """Look up the letter or wall in a cell, or in the frame."""
        for name, place in self.objects.items():
            if place == cell:
                return name
        return self._rows[cell[1]][cell[0]]

    def find_fault(self, move: Move) -> str | None:
        """Find clembench's name of what is wrong with a move; None if nothing is."""
        if move.name not in self.objects:
            return "obj_not_found"
        if max(move.cell) > SIZE + 1:
            return "out_of_bounds"
        return None if self.look_at(move.cell) == EMPTY else "not_empty"

    def measure_distance(self, other: "Board") -> float:
        """Measure how far apart equal objects are, all together."""
        return sum(
            math.dist(cell, other.objects[name]) for name, cell in self.objects.items()
        )

    def __str__(self) -> str:
        lines = [" " + "".join(str(x) for x in range(1, SIZE + 1))]
        for y, row in enumerate(self._rows):
            drawn = "".join(self.look_at((x, y)) for x in range(len(row)))
            lines.append(f"{drawn} {y}" if 1 <= y <= SIZE else drawn)
        return "\n".join(lines) + "\n"


def expect_distance(num_objects: int) -> float:
    """Compute how far apart so many objects are at random, the frame counted in."""
    side = SIZE + 2
    along_an_axis = (side**2 - 1) / (3 * side)
    return num_objects * math.hypot(along_an_axis, along_an_axis)


def score_distance(at_first: float, at_last: float, num_objects: int) -> float:
    """Score how near grids are: 1 for equal ones, 0 for no better than chance."""
    expected = expect_distance(num_objects)
    if at_last > expected:
        return 0.0
    return (1 - at_last / expected + max(0.0, 1 - at_last / at_first)) / 2


def score_penalties(penalties: int, most: int) -> float:
    """Score penalties: 1 without any, 0.5 with as many as are allowed."""
    return 1 / (penalties / most - 2) + 1.5
