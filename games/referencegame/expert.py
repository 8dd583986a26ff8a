"""Scripted players of referencegame, which read nothing but their own chat.

With probability 1 - skill a reply goes wrong: the giver says something vague or true
of a distractor only, the follower guesses blindly.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from games.contract import Instance, Message, Player
from games.kit.grids import Cell, Grid, find_filled, find_grids
from games.kit.regions import COLUMNS, ROWS, find_mentions
from games.referencegame.font import draw_glyphs
from games.referencegame.master import GIVER
from games.referencegame.rules import ANSWERS

_VAGUE = ("a grid with some filled cells", "the one with a few empty cells")
_EMPTY = re.compile(
    r"\b(?:empty|blank|unfilled|no x|without|not filled|clear|missing)|□|▢"
)
_FULL = re.compile(r"\b(?:filled|full|xs?|contains?|has|have)\b")
_BREAK = re.compile(r"[,;.:]|\band\b|\bwhile\b|\bbut\b")
_GLYPH = re.compile(
    r"(?:letter|number|digit|like|forms?|shape of)\s+(?:an?\s+|the\s+)?"
    r"[\"'(]?([A-Za-z0-9])[\"')]?(?=[\s.,;]|$)"
)
_EXPRESSION = re.compile(r"^expression:(.*)$", re.IGNORECASE | re.MULTILINE)
_LONGEST_EXPRESSION = 2000


@dataclass(frozen=True)
class Fact:
    """That all cells of a part of the grid are filled, or all are empty."""

    words: str
    cells: frozenset[Cell]
    is_filled: bool

    def rate(self, grid: Grid) -> float:
        """Compute the share of the cells of which it is true."""
        right = (
            self.cells & find_filled(grid)
            if self.is_filled
            else self.cells - find_filled(grid)
        )
        return len(right) / len(self.cells)

    def is_true_of(self, grid: Grid) -> bool:
        """Whether it is true of the grid."""
        return self.rate(grid) == 1


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted giver or follower."""
    play = _describe if role == GIVER else _choose

    def reply(messages: list[Message]) -> str:
        return play(messages[0]["content"], rng.random() < skill, rng)

    return reply


def _describe(prompt: str, well: bool, rng: random.Random) -> str:
    """Return an expression for the first of the last three grids of the prompt."""
    grids = find_grids(prompt)[-3:]
    if well:
        return f"Expression: {describe(grids[0], grids[1:], rng)}"
    if rng.random() < 0.5:
        return f"Expression: {rng.choice(_VAGUE)}"
    return f"Expression: {describe(grids[1], [grids[0], grids[2]], rng)}"


def describe(chosen: Grid, others: list[Grid], rng: random.Random) -> str:
    """Return few words that are true of one grid and of no other.

    One fact about a whole row or column, or else about one cell, if it is enough;
    otherwise one fact against each of the other grids.
    """
    lines = [fact for fact in _list_line_facts() if fact.is_true_of(chosen)]
    cells = [fact for fact in _list_cell_facts() if fact.is_true_of(chosen)]
    for facts in (lines, cells):
        enough = [f for f in facts if not any(f.is_true_of(other) for other in others)]
        if enough:
            return f"the grid with {rng.choice(enough).words}"
    chosen_facts = []
    for other in others:
        against = [fact for fact in lines if not fact.is_true_of(other)]
        against = against or [fact for fact in cells if not fact.is_true_of(other)]
        chosen_facts.append(rng.choice(against).words)
    return f"the grid with {' and '.join(chosen_facts)}"


def _list_line_facts() -> Iterator[Fact]:
    for noun, lines in (("row", ROWS), ("column", COLUMNS)):
        for number, cells in enumerate(lines, 1):
            yield Fact(f"{noun} {number} filled", cells, True)
            yield Fact(f"{noun} {number} empty", cells, False)


def _list_cell_facts() -> Iterator[Fact]:
    for row, column in product(range(5), repeat=2):
        where, cells = f"row {row + 1} column {column + 1}", frozenset({(row, column)})
        yield Fact(f"{where} filled", cells, True)
        yield Fact(f"{where} empty", cells, False)


def _choose(prompt: str, well: bool, rng: random.Random) -> str:
    """Return the answer that suits the expression in the prompt best."""
    grids = find_grids(prompt)[-3:]
    expression = _EXPRESSION.findall(prompt)[-1][:_LONGEST_EXPRESSION]
    fits = [rate(expression, grid) if well else 0.0 for grid in grids]
    best = [i for i, value in enumerate(fits) if value > max(fits) - 1e-9]
    return f"Answer: {ANSWERS[rng.choice(best)]}"


def rate(expression: str, grid: Grid) -> float:
    """Rate how much of an expression is true of a grid."""
    likeness = sum(
        1 - len(find_filled(draw_glyphs()[name.upper()]) ^ find_filled(grid)) / 25
        for name in _GLYPH.findall(expression)
    )
    return likeness + sum(fact.rate(grid) for fact in read_facts(expression))


def read_facts(expression: str) -> list[Fact]:
    """Read what an expression tells of rows, columns and cells, as far as clear.

    Whether a part is said to be empty stands behind it, or else before it.
    """
    text, facts, before = expression.lower(), [], 0
    found = find_mentions(text)
    for i, mention in enumerate(found):
        after = found[i + 1].start if i + 1 < len(found) else len(text)
        behind = _BREAK.split(text[mention.end : after])[0]
        ahead = _BREAK.split(text[before : mention.start])[-1]
        clear = next((t for t in (behind, ahead) if _is_clear(t)), "")
        facts.append(Fact("", mention.cells, not _EMPTY.search(clear)))
        before = mention.end
    return facts


def _is_clear(text: str) -> bool:
    return bool(_EMPTY.search(text) or _FULL.search(text))
