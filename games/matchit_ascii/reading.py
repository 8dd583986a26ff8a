"""What texts say of a grid, as claims that can be held against another grid.

Whether a part of the grid is said to be filled or empty stands right behind it, or else
before it. A part that both is said of ("three X's and two gaps") makes no claim.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from games.kit.grids import BLANK, CELLS, Cell, Grid, find_filled, paint
from games.kit.regions import NAMED, ORDINALS, ROWS, find_mentions

WHOLE = "; nothing else"
"""Ends a description that is complete."""
MOST_PARTS = 3
"""Lines and corners that a drawing is described by; beyond that, row by row."""
LONGEST_TEXT = 2000
"""Characters that are read; nobody says more of 25 cells."""

_EMPTY = r"empty|blank|unfilled|not filled|no x|without|[□▢]"
_FULL = r"filled|full|xs?|x's"
_STATE = re.compile(rf"(?P<empty>\b(?:un|not )filled\b|{_EMPTY})|\b(?:{_FULL})\b")
_BREAK = re.compile(r"[,;.:?]|\bbut\b|\bwhile\b|\band (?=the|all|each|row|col)")
_SIZE = re.compile(r"\b(?:5|five)(?: ?x ?5| by 5| by five| rows| columns)\b")
_REST = re.compile(r"nothing else|the others? |\brest\b|remaining")


@dataclass(frozen=True)
class Claim:
    """That all of some cells are filled, or that all are empty, is true or is not."""

    cells: frozenset[Cell]
    is_filled: bool
    is_true: bool = True

    def is_said_of(self, grid: Grid) -> bool:
        """Whether it can be said of a grid."""
        found = find_filled(grid)
        said = self.cells <= found if self.is_filled else not self.cells & found
        return said == self.is_true

    def deny(self) -> "Claim":
        """Return the opposite claim."""
        return Claim(self.cells, self.is_filled, not self.is_true)


def read_claims(text: str) -> list[Claim]:
    """Read the claims that a text makes of parts of a grid, as far as it is clear.

    "Nothing else" and its like claim the opposite of all cells not spoken of.
    """
    text = _SIZE.sub(" ", text[:LONGEST_TEXT].lower())
    found, states = find_mentions(text), list(_STATE.finditer(text))
    claims = []
    for mention, following in zip_longest(found, found[1:]):
        after = following.start if following else len(text)
        end = mention.end + len(_BREAK.split(text[mention.end : after])[0])
        behind = [s for s in states if mention.end <= s.start() < end]
        before = [s for s in states if s.start() < mention.start][-1:]
        said = {state["empty"] is None for state in behind or before} or {True}
        if len(said) == 1:
            claims.append(Claim(mention.cells, said.pop()))
    if claims and _REST.search(text):
        spoken_of = frozenset().union(*(mention.cells for mention in found))
        claims.append(Claim(frozenset(CELLS) - spoken_of, not claims[-1].is_filled))
    return claims


def list_known(claims: Iterable[Claim]) -> frozenset[Cell]:
    """Collect the cells whose state the claims tell."""
    return frozenset[Cell]().union(
        *(c.cells for c in claims if c.is_true or len(c.cells) == 1)
    )


def describe(grid: Grid) -> str:
    """Return few words that say all of a grid: its filled or its empty cells."""
    drawn = find_filled(grid)
    told = {
        "filled": _name_parts(drawn),
        "empty": _name_parts(frozenset(CELLS) - drawn),
    }
    state = min(told, key=lambda state: (len("; ".join(told[state])), state))
    return f"{state}: {'; '.join(told[state])}{WHOLE}"


def _name_parts(cells: frozenset[Cell]) -> list[str]:
    """Name cells: by few regions if these make them up, or by rows."""
    inside = {name: part for name, part in NAMED.items() if part <= cells}
    chosen: list[str] = []
    left = cells
    while left and inside and len(chosen) < MOST_PARTS:
        best = max(inside, key=lambda name: len(inside[name] & left))
        chosen.append(best)
        left -= inside.pop(best)
    return chosen if not left else _name_rows(cells)


def _name_rows(cells: frozenset[Cell]) -> list[str]:
    """Name the cells of each row that has some of them."""
    phrases = []
    for number, row in enumerate(ROWS, 1):
        columns = [str(column + 1) for _, column in sorted(row & cells)]
        if len(columns) == len(row):
            phrases.append(f"all cells of the {ORDINALS[number - 1]} row")
        elif columns:
            noun = "column" if len(columns) == 1 else "columns"
            listed = " and ".join(filter(None, [", ".join(columns[:-1]), columns[-1]]))
            phrases.append(f"row {number}, {noun} {listed}")
    return phrases


def fill_grid(cells: frozenset[Cell]) -> Grid:
    """Make the grid in which these cells are filled."""
    return paint(BLANK, cells, "X")
