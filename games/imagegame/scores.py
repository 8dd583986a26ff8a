"""Clembench's scores of imagegame, from what was said and drawn round by round."""

import math
from collections.abc import Sequence
from itertools import chain, pairwise
from statistics import fmean
from typing import NamedTuple

from games.contract import V2
from games.imagegame.rules import ROUNDS, Similarity, is_whole, split_cells
from games.kit.grids import BLANK, render_grid

EVENTS = 3
"""What clembench counts as requests: the question, the reply and the note on it."""
LENGTH, TOKENS = "Generated Expression Length", "Generated Expression Number of Tokens"
CHANGED = "Changed Cell Count"
_AVERAGES = {
    "Average Changed Cell Count": CHANGED,
    "Average Generated Instruction Length": LENGTH,
    "Average Generated Expression Number of Tokens": TOKENS,
}
"""The averages, and what of each round they are taken of."""


class Round(NamedTuple):
    """A command, and what was drawn after it."""

    command: str
    """All of the giver's reply."""
    drawing: str
    similarity: Similarity
    """The one before it, if the drawing is empty."""

    @property
    def said(self) -> str:
        """The command as it is measured."""
        return self.command.replace("Instruction:", "").strip()


def score_rounds(rounds: Sequence[Round], rules: str) -> dict[str, dict[str, float]]:
    """Score every round that ended in a drawing."""
    drawings = [render_grid(BLANK), *(one.drawing for one in rounds)]
    steps = zip(rounds, pairwise(drawings), strict=True)
    return {
        str(number): {
            LENGTH: float(len(one.said)),
            TOKENS: float(len(one.said.split(" "))),
            **name_similarity(one.similarity),
            CHANGED: float(_count_changed(before, after)),
            **_name_requests(_count_round_events(number, rules)),
        }
        for number, (one, (before, after)) in enumerate(steps)
    }


def average_rounds(rounds: Sequence[Round]) -> dict[str, float]:
    """Average over rounds, to 4 decimals; NaN where there is no round."""
    scores = score_rounds(rounds, V2).values()
    return {
        name: round(fmean(one[key] for one in scores), 4) if scores else math.nan
        for name, key in _AVERAGES.items()
    }


def name_similarity(similarity: Sequence[float]) -> dict[str, float]:
    """Name precision, recall and F1 by their names."""
    names = ("Precision", "Recall", "F1")
    return {name: float(v) for name, v in zip(names, similarity, strict=True)}


def count_requests(
    replies: int, rules: str, *, done: bool, limit: bool, aborted: bool
) -> dict[str, float]:
    """Count the requests of an episode.

    The note on a DONE does not count, the one on the turn limit does. The ratio is to
    4 decimals, NaN before the first reply.
    """
    requests = _count_events(replies, is_first=replies > 1, rules=rules) - done + limit
    counts = _name_requests(requests, violated=int(aborted))
    ratio = counts["Parsed Request Count"] / requests if requests else math.nan
    return counts | {"Request Success Ratio": round(ratio, 4)}


def _count_round_events(number: int, rules: str) -> int:
    """Count the events of a round, from 0; the last one tells that the game is over."""
    events = _count_events(2, is_first=number == 0, rules=rules)
    return events + (number + 1 == ROUNDS)


def _count_events(replies: int, *, is_first: bool, rules: str) -> int:
    """Count how many events some replies make.

    One more where the follower is first spoken to: by v2 its prompt is an event of its
    own.
    """
    return EVENTS * replies + (is_first and rules == V2)


def _name_requests(requests: int, violated: int = 0) -> dict[str, float]:
    return {
        "Request Count": float(requests),
        "Parsed Request Count": float(requests - violated),
        "Violated Request Count": float(violated),
    }


def _count_changed(before: str, after: str) -> int:
    """Count how many cells two drawings differ in; 0 if one has the wrong shape."""
    both = split_cells(before), split_cells(after)
    if not all(map(is_whole, both)):
        return 0
    return sum(a != b for a, b in zip(*(chain(*rows) for rows in both), strict=True))
