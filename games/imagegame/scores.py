"""Clembench's scores of imagegame, from what was said and drawn round by round."""

import math
from collections.abc import Sequence
from itertools import chain, pairwise
from statistics import fmean
from typing import NamedTuple

from games.imagegame.rules import ROUNDS, Similarity, cells_of, is_whole
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


def round_scores(rounds: Sequence[Round]) -> dict[str, dict[str, float]]:
    """Return the scores of every round that ended in a drawing."""
    drawings = [render_grid(BLANK), *(one.drawing for one in rounds)]
    steps = zip(rounds, pairwise(drawings), strict=True)
    return {
        str(number): {
            LENGTH: float(len(one.said)),
            TOKENS: float(len(one.said.split(" "))),
            **similarity_scores(one.similarity),
            CHANGED: float(_num_changed(before, after)),
            **_requests(_num_events(2, is_first=not number) + (number + 1 == ROUNDS)),
        }
        for number, (one, (before, after)) in enumerate(steps)
    }


def average_scores(rounds: Sequence[Round]) -> dict[str, float]:
    """Return the means over rounds, to 4 decimals; NaN where there is no round."""
    scores = round_scores(rounds).values()
    return {
        name: round(fmean(one[key] for one in scores), 4) if scores else math.nan
        for name, key in _AVERAGES.items()
    }


def similarity_scores(similarity: Sequence[float]) -> dict[str, float]:
    """Return precision, recall and F1 by their names."""
    names = ("Precision", "Recall", "F1")
    return {name: float(v) for name, v in zip(names, similarity, strict=True)}


def request_scores(
    replies: int, *, done: bool, limit: bool, aborted: bool
) -> dict[str, float]:
    """Return the request counts of an episode.

    The note on a DONE does not count, the one on the turn limit does. The ratio is to
    4 decimals, NaN before the first reply.
    """
    requests = _num_events(replies, is_first=replies > 1) - done + limit
    counts = _requests(requests, violated=int(aborted))
    ratio = counts["Parsed Request Count"] / requests if requests else math.nan
    return counts | {"Request Success Ratio": round(ratio, 4)}


def _num_events(replies: int, *, is_first: bool) -> int:
    """Return how many events some replies make.

    One more where the follower is first spoken to: its prompt is an event of its own.
    """
    return EVENTS * replies + is_first


def _requests(requests: int, violated: int = 0) -> dict[str, float]:
    return {
        "Request Count": float(requests),
        "Parsed Request Count": float(requests - violated),
        "Violated Request Count": float(violated),
    }


def _num_changed(before: str, after: str) -> int:
    """Return how many cells two drawings differ in; 0 if one has the wrong shape."""
    both = cells_of(before), cells_of(after)
    if not all(map(is_whole, both)):
        return 0
    return sum(a != b for a, b in zip(*(chain(*rows) for rows in both), strict=True))
