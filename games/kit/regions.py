"""Rows, columns, diagonals ... of a 5 by 5 grid in words, there and back.

`NAMED` gives the phrases our scripted players use; `find_mentions` finds the parts of a
grid that any text speaks of, tolerant of the many ways in which they are said.
"""

import re
from dataclasses import dataclass
from itertools import pairwise, product

from games.kit.grids import CELLS, SIZE, Cell

ORDINALS = ("first", "second", "third", "fourth", "fifth")
ROWS = tuple(frozenset((r, c) for c in range(SIZE)) for r in range(SIZE))
COLUMNS = tuple(frozenset((r, c) for r in range(SIZE)) for c in range(SIZE))
DIAGONAL = frozenset((i, i) for i in range(SIZE))
ANTIDIAGONAL = frozenset((i, SIZE - 1 - i) for i in range(SIZE))
CORNERS = frozenset(product((0, SIZE - 1), (0, SIZE - 1)))
BORDER = ROWS[0] | ROWS[-1] | COLUMNS[0] | COLUMNS[-1]
CENTRE = frozenset({(SIZE // 2, SIZE // 2)})

NAMED: dict[str, frozenset[Cell]] = {
    **{f"all cells of the {name} row": ROWS[i] for i, name in enumerate(ORDINALS)},
    **{
        f"all cells of the {name} column": COLUMNS[i] for i, name in enumerate(ORDINALS)
    },
    "the diagonal from top left to bottom right": DIAGONAL,
    "the diagonal from top right to bottom left": ANTIDIAGONAL,
    "the four corners": CORNERS,
    "all cells of the border": BORDER,
}

_LONGEST_TEXT = 2000
"""Characters of a text that are read; nobody describes 25 cells at greater length."""

_INDEX = {
    **{name: i for i, name in enumerate(ORDINALS)},
    **{name: i for i, name in enumerate(("one", "two", "three", "four", "five"))},
    **{name: i for i, name in enumerate(("1st", "2nd", "3rd", "4th", "5th"))},
    **{str(i + 1): i for i in range(SIZE)},
    **dict.fromkeys(("top", "upper", "uppermost", "left", "leftmost"), 0),
    **dict.fromkeys(("middle", "center", "centre", "central"), SIZE // 2),
    **dict.fromkeys(("last", "final", "bottom", "lower", "right", "rightmost"), -1),
}
_INDEX = {name: index % SIZE for name, index in _INDEX.items()}
_NUM = rf"\b(?:{'|'.join(sorted(_INDEX, key=len, reverse=True))})\b"
_LINE = r"\b(?:row|column|col|line)s?\b"
_SEP = r"\s*(?:,\s*and\b|,|\band\b|&|\bto\b|\bthrough\b|-)\s*(?:the\s+)?"
# "row 1, second column": `second` belongs to what follows it, unless that has a number
_OWNED = rf"(?!\s*{_LINE}(?!\s*{_NUM}))"
_COUNT = {"two": 2, "three": 3, "four": 4, "2": 2, "3": 3, "4": 4}
_REFERENCE = re.compile(
    rf"(?P<pair>\(\s*(?P<r>[1-5])\s*,\s*(?P<c>[1-5])\s*\))"
    rf"|(?P<end>first|last|top|bottom|left|right)\s+(?P<count>{'|'.join(_COUNT)})"
    rf"\s+(?P<noun0>{_LINE}|cells|squares)"
    rf"|(?P<noun1>{_LINE}|cells?|squares?)\s*"
    rf"(?P<list1>{_NUM}(?:{_SEP}{_NUM}{_OWNED}){{0,4}})"
    r"|(?P<centre>\b(?:center|centre|middle)"
    r" (?:of the grid|(?:cell|square)\b(?! (?:of|in))))"
    rf"|(?P<list2>{_NUM}(?:{_SEP}{_NUM}){{0,4}})\s*(?P<noun2>{_LINE}|cells?|squares?)"
    r"|(?P<anti>anti-?\s?diagonal|(?:secondary|minor|other|second) diagonal"
    r"|diagonal from (?:the )?(?:top|upper)[ -]right"
    r"|diagonal from (?:the )?(?:bottom|lower)[ -]left"
    r"|(?:top|upper)[ -]right to (?:bottom|lower)[ -]left diagonal"
    r"|(?:bottom|lower)[ -]left to (?:top|upper)[ -]right diagonal)"
    r"|(?P<both>both (?:main )?diagonals|two diagonals)"
    r"|(?P<diagonal>(?:top|upper)[ -]left to (?:bottom|lower)[ -]right diagonal"
    r"|diagonal)"
    r"|(?P<vertical>top|bottom|upper|lower)[ -](?P<side>left|right)(?: corner)?"
    r"|(?P<corners>corners)|(?P<border>borders?\b|edges\b|outer ring|perimeter)"
    r"|(?P<all>(?:whole|entire|complete) grid|(?:all|every) cells?\b(?! (?:of|in)))"
)
_FIXED = {
    "anti": ANTIDIAGONAL,
    "both": DIAGONAL | ANTIDIAGONAL,
    "diagonal": DIAGONAL,
    "corners": CORNERS,
    "border": BORDER,
    "centre": CENTRE,
    "all": frozenset(CELLS),
}
_TAIL = re.compile(r"\s*(?:to|through|-|until)\s*(?:the )?(?:top|bottom|upper|lower)"
                   r"[ -](?:left|right)(?: corner)?")  # fmt: skip
_WHOLE = re.compile(r"\b(?:fill|all|entire|whole|every|full|complete)")


@dataclass(frozen=True)
class Mention:
    """A part of the grid that a text speaks of."""

    cells: frozenset[Cell]
    start: int
    end: int


@dataclass(frozen=True)
class _Reference:
    kind: str  # row, column, cell (an index along either) or area
    indices: frozenset[int]
    cells: frozenset[Cell]
    start: int
    end: int


def find_mentions(text: str) -> list[Mention]:
    """Find the parts of the grid that a text speaks of, in order."""
    text = text[:_LONGEST_TEXT].lower()
    references = _find_references(text)
    found, taken = [], -1
    followers = [*references[1:], None]
    for i, (one, other) in enumerate(zip(references, followers, strict=False)):
        if i == taken:
            continue
        if other and _is_crossing(one, other, text):
            cells = _find_cells(one, other) & _find_cells(other, one)
            found.append(Mention(cells, one.start, other.end))
            taken = i + 1
        elif one.cells:
            found.append(Mention(one.cells, one.start, one.end))
    return found


def _find_references(text: str) -> list[_Reference]:
    """Find the single references of a text, before rows and columns are crossed."""
    found, position = [], 0
    while match := _REFERENCE.search(text, position):
        position = match.end()
        if match["anti"] or match["diagonal"]:
            tail = _TAIL.match(text, position) or re.compile(
                r" from (?:the )?(?:top|upper)[ -]left" + _TAIL.pattern
            ).match(text, position)
            position = tail.end() if tail else position
        found.append(_make_reference(match, position))
    return found


def _make_reference(match: re.Match[str], end: int) -> _Reference:
    if match["pair"]:
        cells = frozenset({(int(match["r"]) - 1, int(match["c"]) - 1)})
        return _Reference("area", frozenset(), cells, match.start(), end)
    if match["vertical"]:
        cells = frozenset({(_INDEX[match["vertical"]], _INDEX[match["side"]])})
        return _Reference("area", frozenset(), cells, match.start(), end)
    for name, cells in _FIXED.items():
        if match[name]:
            return _Reference("area", frozenset(), cells, match.start(), end)
    noun = match["noun0"] or match["noun1"] or match["noun2"]
    kind = {"r": "row", "l": "row", "s": "cell"}.get(noun[0], "column")
    kind = "cell" if noun.startswith("cell") else kind
    if match["count"]:
        indices = _read_end(match["end"], _COUNT[match["count"]])
    else:
        indices = _read_list(match["list1"] or match["list2"])
    lines = {"row": ROWS, "column": COLUMNS, "cell": ()}[kind]
    cells = frozenset().union(*(lines[i] for i in indices)) if lines else frozenset()
    return _Reference(kind, indices, cells, match.start(), end)


def _read_end(end: str, count: int) -> frozenset[int]:
    """Read the indices of "the first three" or "the last two"."""
    start = 0 if _INDEX[end] == 0 else SIZE - count
    return frozenset(range(start, start + count))


def _read_list(text: str) -> frozenset[int]:
    """Read the indices of "1, 3 and 5" or "second to fourth"."""
    numbers = [(m.start(), m.end(), _INDEX[m[0]]) for m in re.finditer(_NUM, text)]
    indices = {index for _, _, index in numbers}
    for (_, end, low), (start, _, high) in pairwise(numbers):
        if re.search(r"to|through|-", text[end:start]):
            indices |= set(range(low, high + 1))
    return frozenset(indices)


def _is_crossing(one: _Reference, other: _Reference, text: str) -> bool:
    """Whether "row 2 ... column 3" means the cell where the two cross."""
    kinds = {one.kind, other.kind}
    if "area" in kinds or len(kinds) == 1:
        return False
    gap = text[one.end : other.start]
    if not re.fullmatch(r"[\s,]*(?:(?:of|in|and|at|the|on|from|its)[\s,]*)*", gap):
        return False
    return "and" not in gap or not _WHOLE.search(text)


def _find_cells(reference: _Reference, partner: _Reference) -> frozenset[Cell]:
    """Find a reference's cells; "cell 3" counts along its partner's line."""
    if reference.kind != "cell":
        return reference.cells
    lines = COLUMNS if partner.kind == "row" else ROWS
    return frozenset().union(*(lines[i] for i in reference.indices))
