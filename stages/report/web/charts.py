"""The figures of the report, as Vega-Lite: drawn by the page, without a network."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pipeline.params.sections.play import SELF_PLAY
from pipeline.params.sections.yardsticks import EXPERT
from stages.report.estimates import Change, Estimate, estimate_rate
from stages.report.evidence import Evidence
from stages.report.measures import Measured, average
from stages.report.results import Result
from stages.report.rows import ResultRow
from stages.report.seats import Seats, list_lineups
from stages.report.tables import HELD
from stages.report.web.dialogues import Named

CURVES = {
    "loss": "loss",
    "reward": "reward",
    "kl": "KL to the start policy",
    "entropy": "entropy of replies",
    "frac_reward_zero_std": "share of groups without variance",
    "grad_norm": "norm of the gradient",
}
"""Columns of curves that are drawn, and what they are called there."""
OUTCOMES = {"success": "#2a8f5b", "lose": "#d9a441", "aborted": "#c0453b"}
"""What an episode may come to, and its colour."""
_WIDTH, _HEIGHT = 250, 16
_COLUMNS = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A figure of the page."""

    name: str
    """Its anchor."""
    title: str
    caption: str
    spec: dict[str, Any]
    """What Vega-Lite draws."""


def draw_figures(
    results: Sequence[Result],
    evidence: Evidence,
    curves: pd.DataFrame,
    episodes: Sequence[Named],
) -> list[Figure]:
    """Draw all figures for which there is something to show."""
    rows = [result.row for result in results]
    found = [
        draw_changes(results),
        draw_games(rows, evidence),
        *draw_seats(rows, evidence),
        draw_ends(rows, episodes),
        draw_tasks(results),
        draw_curves(curves),
    ]
    return [figure for figure in found if figure is not None]


def draw_changes(results: Sequence[Result]) -> Figure | None:
    """Draw how each policy differs from its start, with intervals."""
    rows = [
        {"facet": HELD.get(suite, suite), **_describe_change(result, reference, change)}
        for result in results
        for reference, suites in list(result.changes.items())[:1]
        for suite, measures in suites.items()
        for name, change in measures.items()
        if name in ("product", "accuracy")
    ]
    caption = (
        "Each policy minus the one that its training started from, in points: mean of "
        "% played x quality, or accuracy; intervals and labels as in the table."
    )
    return _draw_forest("changes", "What each training changed", caption, rows)


def draw_tasks(results: Sequence[Result]) -> Figure | None:
    """Draw how each policy differs from its start in every benchmark."""
    rows = [
        {"facet": task, **_describe_change(result, reference, change)}
        for result in results
        for reference, tasks in list(result.tasks.items())[:1]
        for task, change in tasks.items()
    ]
    caption = "Accuracy of each policy minus that of its start, in points."
    return _draw_forest("tasks", "Benchmarks, task by task", caption, rows)


def draw_games(rows: Sequence[ResultRow], evidence: Evidence) -> Figure | None:
    """Draw the score of each policy and yardstick in every game."""
    points = []
    for suite in HELD:
        for game in evidence.list_games(suite):
            for row in rows:
                scores = np.nan_to_num(evidence.stack_scores(row.policies, game))
                found = _estimate(average([scores]), evidence)
                facet = f"{game} ({HELD[suite]})"
                points.append({"facet": facet, **_describe_score(row, found)})
    caption = (
        "% played x quality, an aborted episode counting 0, where the policy fills "
        "every role. Blind players are well-formed and know nothing; the expert is "
        "scripted: chance and skill are the two ends of each panel."
    )
    return _draw_scores("games", "Game by game", caption, points)


def draw_seats(rows: Sequence[ResultRow], evidence: Evidence) -> Iterator[Figure]:
    """Draw the score of each policy in every seat, beside an expert."""
    for lineup in list_lineups(evidence.params):
        seats, points = Seats(lineup, evidence), []
        for seat in seats.seats:
            for row in rows:
                measured = seats.measure(row.policies, seat)
                if measured is not None:
                    found = _estimate(measured["product"], evidence)
                    facet = " ".join(seat)
                    points.append({"facet": facet, **_describe_score(row, found)})
        caption = (
            "% played x quality in one role, with an expert in the other: what a "
            "policy learned in a seat shows here, even where its own partner would "
            "spoil it."
        )
        name = f"seats-{lineup}"
        figure = _draw_scores(name, f"Seat by seat ({lineup})", caption, points)
        if figure is not None:
            yield figure


def draw_ends(rows: Sequence[ResultRow], episodes: Sequence[Named]) -> Figure | None:
    """Draw why the episodes of each policy ended, in self-play, game by game."""
    names = {policy: row.name for row in rows for policy in row.policies}
    counted = Counter(
        (names[who], one.game, f"{one.outcome}: {one.reason}", one.outcome)
        for who, lineup, one in episodes
        if lineup == SELF_PLAY and who in names
    )
    if not counted:
        return None
    points = [
        {"what": what, "facet": game, "end": end, "outcome": outcome, "num": num}
        for (what, game, end, outcome), num in sorted(counted.items())
    ]
    order = list(dict.fromkeys(names.values()))
    games = list(dict.fromkeys(one.game for _, _, one in episodes))
    chart = (
        alt.Chart(alt.InlineData(values=points))
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(
            y=alt.Y("what:N", title=None, sort=order, axis=alt.Axis(labelLimit=260)),
            x=alt.X("num:Q", title="share of episodes", stack="normalize"),
            color=alt.Color(
                "outcome:N",
                title=None,
                scale=alt.Scale(domain=list(OUTCOMES), range=list(OUTCOMES.values())),
            ),
            detail="end:N",
            tooltip=["what:N", "end:N", "num:Q"],
        )
        .properties(width=_WIDTH, height=_HEIGHT * len(order))
        .facet(facet=alt.Facet("facet:N", title=None, sort=games), columns=_COLUMNS)
    )
    caption = (
        "Each piece of a bar is a reason that the referee gave; point at one to read "
        "it. What is aborted broke a format or ran out of turns."
    )
    return Figure("ends", "How episodes ended", caption, chart.to_dict())


def draw_curves(curves: pd.DataFrame) -> Figure | None:
    """Draw the learning curves of all policies over each other."""
    known = [name for name in CURVES if name in curves]
    points = [
        {"policy": one["policy"], "step": one["step"], "y": one[name], "facet": label}
        for name, label in CURVES.items()
        if name in known
        for one in curves[["policy", "step", name]].dropna().to_dict("records")
    ]
    if not points:
        return None
    facets = [CURVES[name] for name in known]
    chosen = alt.selection_point(fields=["policy"], bind="legend")
    chart = (
        alt.Chart(alt.InlineData(values=points))
        .mark_line(strokeWidth=1.5)
        .encode(
            x=alt.X("step:Q", title="step"),
            y=alt.Y("y:Q", title=None),
            color=alt.Color("policy:N", title="policy (click one)"),
            opacity=alt.condition(chosen, alt.value(0.9), alt.value(0.08)),
            tooltip=["policy:N", "step:Q", "y:Q"],
        )
        .properties(width=_WIDTH, height=140)
        .add_params(chosen)
        .facet(facet=alt.Facet("facet:N", title=None, sort=facets), columns=_COLUMNS)
        .resolve_scale(x="independent", y="independent")
    )
    caption = "Every training, step by step, as it was logged: nothing is smoothed."
    return Figure("curves", "Learning curves", caption, chart.to_dict())


def _describe_change(result: Result, reference: str, change: Change) -> Row:
    shown = change.estimate.scale(100, 2)
    return {
        "what": f"{result.row.name} - {reference}",
        "point": shown.point,
        "low": shown.low,
        "high": shown.high,
        "label": change.label,
    }


def _estimate(measured: Measured, evidence: Evidence) -> Estimate:
    point = float(measured.points.mean())
    return estimate_rate(measured, point, evidence.params.report.confidence)


def _describe_score(row: ResultRow, estimate: Estimate) -> Row:
    shown = estimate.scale(100, 2)
    kind = "policy"
    if row.is_yardstick:
        kind = "expert" if row.name == EXPERT else "blind"
    return {
        "what": row.name,
        "point": shown.point,
        "low": shown.low,
        "high": shown.high,
        "kind": kind,
    }


def _draw_forest(
    name: str, title: str, caption: str, rows: Sequence[Row]
) -> Figure | None:
    """Draw points with intervals around a line at zero, a panel a facet."""
    if not rows:
        return None
    labels = ["higher", "lower", "not distinguishable"]
    colours = alt.Scale(domain=labels, range=["#2a8f5b", "#c0453b", "#8a8f98"])
    line = alt.Chart().mark_rule(strokeDash=[3, 3], opacity=0.6).encode(x=alt.datum(0))
    return Figure(name, title, caption, _draw_intervals(rows, "label", colours, line))


def _draw_scores(
    name: str, title: str, caption: str, rows: Sequence[Row]
) -> Figure | None:
    """Draw points with intervals from 0 to 100, a panel a facet."""
    if not rows:
        return None
    kinds = ["policy", "blind", "expert"]
    colours = alt.Scale(domain=kinds, range=["#3566c0", "#b98a1d", "#2a8f5b"])
    return Figure(name, title, caption, _draw_intervals(rows, "kind", colours))


def _draw_intervals(
    rows: Sequence[Row], by: str, colours: alt.Scale, *under: alt.Chart
) -> dict[str, Any]:
    names = list(dict.fromkeys(row["what"] for row in rows))
    facets = list(dict.fromkeys(row["facet"] for row in rows))
    y = alt.Y("what:N", title=None, sort=names, axis=alt.Axis(labelLimit=260))
    colour = alt.Color(f"{by}:N", title=None, scale=colours)
    tip = ["what:N", "point:Q", "low:Q", "high:Q", f"{by}:N"]
    axis = alt.X("low:Q", title="points", scale=alt.Scale(zero=True))
    bars = alt.Chart().mark_rule(strokeWidth=2).encode(y=y, x=axis, x2="high:Q")
    dots = (
        alt.Chart().mark_point(filled=True, size=60, opacity=1).encode(y=y, x="point:Q")
    )
    layers = [*under, bars.encode(color=colour), dots.encode(color=colour, tooltip=tip)]
    return (
        alt.layer(*layers, data=alt.InlineData(values=list(rows)))
        .properties(width=_WIDTH, height=_HEIGHT * len(names))
        .facet(facet=alt.Facet("facet:N", title=None, sort=facets), columns=_COLUMNS)
        .to_dict()
    )
