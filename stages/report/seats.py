"""Each seat beside an expert: what a policy does in a role that it may have learned.

In self-play a policy that learned to guess is held back by its own clues: what it
gained does not appear. Beside a partner who plays well each role is judged by itself,
and compared with blind players in the same seat.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from games.contract import Outcome
from games.errors import ArtifactError
from games.session import Episode
from pipeline.params.sections.whole import Params
from pipeline.params.sections.yardsticks import EXPERT
from stages.common.episodes import read_episodes
from stages.common.files import DATA
from stages.report.cells import render_table, write_cell, write_change
from stages.report.estimates import (
    Change,
    adjust_family,
    estimate_change,
    estimate_rate,
)
from stages.report.evidence import YARDSTICKS, Evidence
from stages.report.measures import Floats, Measured, average, measure_suite
from stages.report.results import Result
from stages.report.rows import ResultRow

Seat = tuple[str, str]
"""A game, and a role in it."""
Scores = dict[Seat, dict[tuple[str, int], float]]
"""Seat -> (instance, sample) -> main score, NaN where aborted."""


class Seats:
    """What policies and yardsticks did in each seat, in one lineup."""

    def __init__(self, lineup: str, evidence: Evidence) -> None:
        self.lineup, self.confidence = lineup, evidence.params.report.confidence
        self.scores: dict[str, Scores] = {}
        folder = DATA / "play" / lineup
        for one in evidence.policies:
            played = read_episodes(folder / one / "episodes.parquet")
            self.scores[one] = gather_seats(played, one)
        first = evidence.policies[0]
        self.seats = list(self.scores[first])
        for one in evidence.policies[1:]:
            if _list_tests(self.scores[one]) != _list_tests(self.scores[first]):
                raise ArtifactError(
                    f"{folder / one} and {folder / first} hold different tests: run "
                    "`dvc repro` so that all policies face the same"
                )
        played = read_episodes(YARDSTICKS)
        for name in evidence.yardsticks:
            if name != EXPERT:
                self.scores[name] = gather_seats(played, name)

    def stack(self, policies: Sequence[str], seat: Seat) -> Floats | None:
        """Stack the scores of a seat as (S, N), 0 to 1; None if it was not played."""
        found = [self.scores.get(one, {}).get(seat) for one in policies]
        rows = [scores for scores in found if scores is not None]
        if len(rows) < len(found):
            return None
        return np.array([[row[key] for key in sorted(rows[0])] for row in rows]) / 100

    def measure(
        self, policies: Sequence[str], seat: Seat
    ) -> dict[str, Measured] | None:
        """Measure % played, quality and their product in a seat."""
        scores = self.stack(policies, seat)
        return None if scores is None else measure_suite([scores])

    def compare(self, ours: Sequence[str], theirs: Sequence[str], seat: Seat) -> Change:
        """Compare the product form of policies in a seat, seed by seed."""
        one, other = self.stack(ours, seat), self.stack(theirs, seat)
        assert one is not None and other is not None, "policies face the same tests"
        measured = average([np.nan_to_num(one)]).subtract(
            average([np.nan_to_num(other)])
        )
        point = float(measured.points.mean())
        return estimate_change(measured, point, self.confidence)


def gather_seats(episodes: Sequence[Episode], name: str) -> Scores:
    """Gather the scores of who filled one role of an episode, and only that one."""
    found: Scores = defaultdict(dict)
    for one in episodes:
        own = [role for role, player in one.players.items() if player == name]
        if len(own) == 1 < len(one.players):
            is_aborted = one.outcome == Outcome.ABORTED
            key = one.instance_id, one.sample
            found[one.game, own[0]][key] = math.nan if is_aborted else one.main_score
    return dict(found)


def _list_tests(scores: Scores) -> dict[Seat, list[tuple[str, int]]]:
    return {seat: sorted(by) for seat, by in scores.items()}


def list_lineups(params: Params) -> list[str]:
    """List the lineups in which policies sit beside a partner."""
    return [one for one in params.play.variants if params.play.variant(one).partner]


def render_seats(
    rows: Sequence[ResultRow], trained: Sequence[Result], evidence: Evidence
) -> Iterator[str]:
    """Yield the caption and the tables of each lineup beside a partner."""
    for lineup in list_lineups(evidence.params):
        partner = evidence.params.play.variant(lineup).partner
        assert partner is not None
        seats = Seats(lineup, evidence)
        if seats.seats:
            yield (
                f"**Seats**, each beside an expert of skill {partner.skill:g} "
                f"(lineup {lineup}): % played x quality, an aborted episode counting 0:"
            )
            yield _render_scores(rows, seats)
            yield "**Changes in each seat**, labels as above, for this table by itself:"
            yield _render_changes(trained, seats)


def _render_scores(rows: Sequence[ResultRow], seats: Seats) -> str:
    lines = []
    for row in rows:
        cells = []
        for seat in seats.seats:
            measured = seats.measure(row.policies, seat)
            cell = None
            if measured is not None:
                product = measured["product"]
                point = float(product.points.mean())
                cell = estimate_rate(product, point, seats.confidence)
            cells.append(write_cell(cell))
        if any(seats.measure(row.policies, seat) for seat in seats.seats):
            lines.append([f"`{row.name}`", *cells])
    return render_table(["policy", *map(" ".join, seats.seats)], lines)


def compare_all(
    trained: Sequence[Result], seats: Seats
) -> dict[tuple[str, str], list[Change]]:
    """Compare each policy with its references in every seat, as one family."""
    pairs = [
        (result.row, name, theirs)
        for result in trained
        for name, theirs in result.row.list_references(list(seats.scores)).items()
    ]
    changes = [
        seats.compare(row.policies, theirs, seat)
        for row, _, theirs in pairs
        for seat in seats.seats
    ]
    adjusted, num = adjust_family(changes), len(seats.seats)
    return {
        (row.name, name): adjusted[place * num : (place + 1) * num]
        for place, (row, name, _) in enumerate(pairs)
    }


def _render_changes(trained: Sequence[Result], seats: Seats) -> str:
    lines = [
        [f"`{name}`", f"`{reference}`", *map(write_change, changes)]
        for (name, reference), changes in compare_all(trained, seats).items()
    ]
    return render_table(["policy", "minus", *map(" ".join, seats.seats)], lines)


def nest_seats(rows: Sequence[ResultRow], evidence: Evidence) -> dict[str, Any]:
    """Nest the scores of seats for JSON: lineup, policy, game, role."""
    nested: dict[str, Any] = {}
    for lineup in list_lineups(evidence.params):
        seats = Seats(lineup, evidence)
        for row in rows:
            for seat in seats.seats:
                measured = seats.measure(row.policies, seat)
                if measured is not None:
                    game, role = seat
                    of_game = nested.setdefault(lineup, {}).setdefault(row.name, {})
                    of_game.setdefault(game, {})[role] = {
                        name: _round(measured[name])
                        for name in ("product", "played", "quality")
                    }
    return nested


def _round(measured: Measured) -> float | None:
    points = measured.points[~np.isnan(measured.points)]
    return round(100 * float(points.mean()), 2) if len(points) else None
