"""The numbers of the report: every row's scores, and its differences from others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stages.report.chance import estimate_skill
from stages.report.estimates import (
    Change,
    Estimate,
    adjust_family,
    compare_items,
    estimate_change,
    estimate_rate,
)
from stages.report.evidence import SUITES, Evidence
from stages.report.rows import ResultRow

LABELLED = ("product", "accuracy")
"""Measures whose changes are labelled; they are plain averages."""
COMPARED = ("clemscore", *LABELLED)

Estimates = dict[str, dict[str, Estimate]]
"""Suite -> measure -> estimate from 0 to 1; a suite that has no games is empty."""
Changes = dict[str, dict[str, Change]]
"""Suite -> measure -> change."""


@dataclass(frozen=True)
class Result:
    """One row's numbers."""

    row: ResultRow
    scores: Estimates
    changes: dict[str, Changes]
    """By the policy compared with: the start, and the base."""
    tasks: dict[str, dict[str, Change]]
    """By the policy compared with: the change in each benchmark task."""
    skill: dict[str, Change]
    """By suite: how far above chance; 0 is the best blind player, 1 the expert."""


def estimate_rows(rows: list[ResultRow], evidence: Evidence) -> list[Result]:
    """Estimate every row, and its paired differences from its start and the base."""
    results = []
    for row in rows:
        references = row.list_references(evidence.policies)
        results.append(
            Result(
                row,
                estimate_scores(row.policies, evidence),
                {n: compare(row.policies, p, evidence) for n, p in references.items()},
                {n: _compare_tasks(row, p, evidence) for n, p in references.items()},
                _estimate_skills(row, evidence),
            )
        )
    return _adjust(results)


def estimate_scores(policies: Sequence[str], evidence: Evidence) -> Estimates:
    """Estimate the measures of policies that differ in seed, in every suite."""
    found: Estimates = {}
    for suite in SUITES:
        points = evidence.find_points(policies, suite)
        found[suite] = {
            name: estimate_rate(
                measured,
                points[name] if name == "accuracy" else points[name] / 100,
                evidence.params.report.confidence,
            )
            for name, measured in evidence.measure(policies, suite).items()
        }
    return found


def compare(ours: Sequence[str], theirs: Sequence[str], evidence: Evidence) -> Changes:
    """Compare policies with others, seed by seed, in every suite."""
    found: Changes = {}
    for suite in SUITES:
        one, other = (evidence.measure(p, suite) for p in (ours, theirs))
        points, before = (evidence.find_points(p, suite) for p in (ours, theirs))
        found[suite] = {
            name: estimate_change(
                one[name].subtract(other[name]),
                (points[name] - before[name]) / (1 if name == "accuracy" else 100),
                evidence.params.report.confidence,
            )
            for name in COMPARED
            if name in one
        }
    return found


def _estimate_skills(row: ResultRow, evidence: Evidence) -> dict[str, Change]:
    found = {
        suite: estimate_skill(row.policies, suite, evidence)
        for suite in SUITES
        if suite != "benchmarks"
    }
    return {suite: skill for suite, skill in found.items() if skill}


def _compare_tasks(
    row: ResultRow, theirs: Sequence[str], evidence: Evidence
) -> dict[str, Change]:
    return {
        task: compare_items(
            evidence.stack_items(row.policies, task),
            evidence.stack_items(theirs, task),
            evidence.params.report.confidence,
        )
        for task in evidence.list_tasks()
    }


def _adjust(results: list[Result]) -> list[Result]:
    """Adjust all labels of the differences together, and all of the tasks'."""
    for measures in (_list_changes(results), _list_task_changes(results)):
        adjusted = adjust_family([by[name] for by, name in measures])
        for (by, name), change in zip(measures, adjusted, strict=True):
            by[name] = change
    return results


def _list_changes(results: list[Result]) -> list[tuple[dict[str, Change], str]]:
    return [
        (measures, name)
        for result in results
        for suites in result.changes.values()
        for measures in suites.values()
        for name in LABELLED
        if name in measures
    ]


def _list_task_changes(results: list[Result]) -> list[tuple[dict[str, Change], str]]:
    return [
        (tasks, name)
        for result in results
        for tasks in result.tasks.values()
        for name in tasks
    ]


def nest_points(results: list[Result]) -> dict[str, Any]:
    """Nest the few numbers that `dvc metrics diff` and `dvc exp show` are to show.

    Those of policies, in %: clemscore on both suites, skill above chance, benchmarks.
    """
    found: dict[str, Any] = {}
    for result in results:
        if result.row.is_yardstick:
            continue
        points = {
            suite: result.scores[suite]["clemscore"]
            for suite in ("held_in", "held_out")
            if result.scores[suite]
        }
        if "held_in" in result.skill:
            points["above_chance"] = result.skill["held_in"].estimate
        if result.scores["benchmarks"]:
            points["benchmarks"] = result.scores["benchmarks"]["accuracy"]
        found[result.row.name] = {
            name: _replace_nan(estimate.scale(100, 2).point)
            for name, estimate in points.items()
        }
    return found


def nest_results(results: list[Result]) -> dict[str, Any]:
    """Nest all numbers for JSON."""
    return {
        result.row.name: {
            **{suite: _nest_suite(result, suite) for suite in SUITES},
            "delta": {
                reference: {suite: _nest_changes(by[suite]) for suite in SUITES}
                for reference, by in result.changes.items()
            },
        }
        for result in results
    }


def _nest_suite(result: Result, suite: str) -> dict[str, Any]:
    found = _nest_scores(result.scores[suite])
    if suite in result.skill:
        skill = result.skill[suite].estimate.scale(100, 2)
        found["above_chance"] = {
            "point": skill.point,
            "low": skill.low,
            "high": skill.high,
        }
    return found


def _nest_scores(measures: dict[str, Estimate]) -> dict[str, Any]:
    """Write the main measure with its interval, the others as points."""
    shown: dict[str, float | None] = {}
    for name, estimate in measures.items():
        rounded = _round(name, estimate)
        shown[name] = _replace_nan(rounded.point)
        if name in ("clemscore", "accuracy"):
            shown["low"] = _replace_nan(rounded.low)
            shown["high"] = _replace_nan(rounded.high)
    return shown


def _nest_changes(measures: dict[str, Change]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, change in measures.items():
        rounded = _round(name, change.estimate)
        found[name] = {"delta": rounded.point, "low": rounded.low, "high": rounded.high}
        if name in LABELLED:
            found[name] |= {"label": change.label, "p": round(change.adjusted, 4)}
    return found


def _round(name: str, estimate: Estimate) -> Estimate:
    """Give clembench's measures in percent, accuracy as a share."""
    return estimate.scale(1, 4) if name == "accuracy" else estimate.scale(100, 2)


def _replace_nan(number: float) -> float | None:
    return None if math.isnan(number) else number
