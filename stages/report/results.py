"""The numbers of the report: every row's scores, and its differences from others."""

import math
from dataclasses import dataclass
from typing import Any

from stages.report.bootstrap import Resampled
from stages.report.evidence import SUITES, Evidence
from stages.report.rows import ResultRow

DIGITS = {"accuracy": 4}
"""Decimals of a measure; 2 of all others."""


@dataclass(frozen=True)
class Estimate:
    """A number and its interval; NaN where undefined."""

    point: float
    low: float
    high: float

    @property
    def is_noise(self) -> bool:
        """Whether the interval includes zero (for a difference)."""
        return not (self.low > 0 or self.high < 0)


Estimates = dict[str, dict[str, Estimate]]
"""Suite -> measure -> estimate; a suite that has no games is empty."""


@dataclass(frozen=True)
class Result:
    """One row's numbers."""

    row: ResultRow
    scores: Estimates
    deltas: dict[str, Estimates]
    """By the policy compared with: the start, and the base."""


def estimate_rows(rows: list[ResultRow], evidence: Evidence) -> list[Result]:
    """Estimate every row, and its paired differences from its start and the base."""
    params = evidence.params
    confidence = params.report.confidence
    results = []
    for row in rows:
        own = {suite: evidence.measure(row.policies, suite) for suite in SUITES}
        deltas = {}
        for reference in row.list_references(evidence.policies):
            other = {suite: evidence.measure((reference,), suite) for suite in SUITES}
            difference = {
                suite: {
                    name: own[suite][name] - other[suite][name] for name in own[suite]
                }
                for suite in SUITES
            }
            deltas[reference] = _estimate_all(difference, confidence)
        results.append(Result(row, _estimate_all(own, confidence), deltas))
    return results


def _estimate_all(
    resampled: dict[str, dict[str, Resampled]], confidence: float
) -> Estimates:
    return {
        suite: {
            name: _estimate(number, confidence, DIGITS.get(name, 2))
            for name, number in numbers.items()
        }
        for suite, numbers in resampled.items()
    }


def _estimate(number: Resampled, confidence: float, digits: int) -> Estimate:
    low, high = number.find_interval(confidence)
    # adding zero turns a rounded -0.0 into 0.0
    return Estimate(*(round(n, digits) + 0.0 for n in (number.point, low, high)))


def nest_results(results: list[Result]) -> dict[str, Any]:
    """Nest the numbers for JSON, so that `dvc metrics diff` names each one."""
    return {
        result.row.name: {
            **{suite: _nest_scores(result.scores[suite]) for suite in SUITES},
            "delta": {
                reference: {suite: _nest_deltas(deltas[suite]) for suite in SUITES}
                for reference, deltas in result.deltas.items()
            },
        }
        for result in results
    }


def _nest_scores(measures: dict[str, Estimate]) -> dict[str, Any]:
    """Write the main measure with its interval, the others as points."""
    shown = {name: _replace_nan(measure.point) for name, measure in measures.items()}
    for name in ("clemscore", "accuracy"):
        if name in measures:
            shown["low"] = _replace_nan(measures[name].low)
            shown["high"] = _replace_nan(measures[name].high)
    return shown


def _nest_deltas(measures: dict[str, Estimate]) -> dict[str, Any]:
    return {
        name: {
            "delta": _replace_nan(measure.point),
            "low": _replace_nan(measure.low),
            "high": _replace_nan(measure.high),
            "noise": measure.is_noise,
        }
        for name, measure in measures.items()
        if name in ("clemscore", "product", "accuracy")
    }


def _replace_nan(number: float) -> float | None:
    return None if math.isnan(number) else number
