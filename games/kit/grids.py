"""5 by 5 letter grids as text and as cells: what the grid games share.

A grid is a tuple of five rows, each a string of five characters. As text its cells
are separated by single blanks and its rows by newlines. clembench writes the empty
cell in two ways (U+25A2, in referencegame U+25A1); here it is always U+25A2.
"""

import re
from functools import lru_cache

SIZE = 5
EMPTY = "\N{WHITE SQUARE WITH ROUNDED CORNERS}"
Cell = tuple[int, int]
"""(row, column), both from 0."""
Grid = tuple[str, ...]
BLANK: Grid = (EMPTY * SIZE,) * SIZE
CELLS = tuple((row, column) for row in range(SIZE) for column in range(SIZE))

_OTHER_EMPTY = "\N{WHITE SQUARE}"
_ROW = rf"[^\S\n]*[A-Za-z{EMPTY}](?:[^\S\n][A-Za-z{EMPTY}]){{{SIZE - 1}}}[^\S\n]*"
_GRID = re.compile(rf"^{_ROW}(?:\n{_ROW}){{{SIZE - 1}}}$", re.MULTILINE)


def parse_grid(text: str) -> Grid | None:
    """Return the grid that is the whole of `text`, or None for any other shape."""
    rows = text.replace(_OTHER_EMPTY, EMPTY).strip("\n").split("\n")
    if len(rows) != SIZE:
        return None
    grid = tuple("".join(row.split()) for row in rows)
    whole = all(
        len(row) == SIZE == len(line.split())
        for row, line in zip(grid, rows, strict=True)
    )
    return grid if whole else None


def find_grids(text: str) -> list[Grid]:
    """Return all grids that stand in a text, in order."""
    found = _GRID.findall(text.replace(_OTHER_EMPTY, EMPTY))
    return [grid for grid in map(parse_grid, found) if grid]


def render_grid(grid: Grid) -> str:
    """Return the grid as text."""
    return "\n".join(" ".join(row) for row in grid)


def find_filled(grid: Grid) -> frozenset[Cell]:
    """Find the cells that hold a letter."""
    return frozenset(cell for cell in CELLS if grid[cell[0]][cell[1]] != EMPTY)


def paint(grid: Grid, cells: frozenset[Cell], letter: str) -> Grid:
    """Return the grid with `letter` (or EMPTY) written in `cells`."""
    return tuple(
        "".join(letter if (row, c) in cells else grid[row][c] for c in range(SIZE))
        for row in range(SIZE)
    )


def hide_letters(text: str) -> str:
    """Write every letter of a grid's text as X: the same drawing, the same shape."""
    return re.sub(r"[^\W_]", "X", text.replace(_OTHER_EMPTY, EMPTY))


@lru_cache(maxsize=2**12)
def count_edits(one: str, other: str) -> int:
    """Count the fewest inserted, deleted or replaced characters between two texts."""
    above = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        current = [i]
        for j, other_char in enumerate(other, 1):
            replaced = above[j - 1] + (char != other_char)
            current.append(min(above[j] + 1, current[-1] + 1, replaced))
        above = current
    return above[-1]
