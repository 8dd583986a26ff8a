"""Numbers as the report prints them: with an interval, and changes with a label."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from stages.report.intervals import (
    Spread,
    adjust_by_holm,
    find_difference_interval,
    find_p_value,
    find_rate_interval,
    spread_difference,
)
from stages.report.measures import Floats, Measured, average
from stages.report.power import POWER

HIGHER, LOWER, UNCLEAR = "higher", "lower", "not distinguishable"


@dataclass(frozen=True)
class Estimate:
    """A number and its interval; NaN where undefined."""

    point: float
    low: float
    high: float

    def scale(self, by: float, digits: int) -> "Estimate":
        """Multiply by a number, and round."""
        # adding zero turns a rounded -0.0 into 0.0
        numbers = (self.point, self.low, self.high)
        return Estimate(*(round(by * n, digits) + 0.0 for n in numbers))


@dataclass(frozen=True)
class Change:
    """A difference of two policies, and whether it is one for sure."""

    estimate: Estimate
    p_value: float
    """How likely as large a difference is if there is none."""
    adjusted: float
    """The p-value, raised by Holm for all that is tested along with it."""
    visible: float
    """The difference that would have been seen four times in five."""
    alpha: float

    @property
    def label(self) -> str:
        """What the change is: higher, lower, or not distinguishable."""
        if not self.adjusted < self.alpha:
            return UNCLEAR
        return HIGHER if self.estimate.point > 0 else LOWER


def estimate_rate(measured: Measured, point: float, confidence: float) -> Estimate:
    """Estimate a mean from 0 to 1; `point` is the number to print.

    NaN where no seed defines it.
    """
    defined = measured.keep(~np.isnan(measured.points))
    if not len(defined.points):
        return Estimate(point, math.nan, math.nan)
    low, high = find_rate_interval(defined, 1 - confidence)
    # a printed point is rounded, and may lie outside by as much
    return Estimate(point, min(float(low), point), max(float(high), point))


def estimate_change(measured: Measured, point: float, confidence: float) -> Change:
    """Estimate a difference, from -1 to 1; `point` is the number to print."""
    alpha = 1 - confidence
    low, high = find_difference_interval(measured, alpha)
    spread = spread_difference(measured)
    p_value = float(find_p_value(spread))
    estimate = Estimate(point, min(float(low), point), max(float(high), point))
    visible = find_visible(spread, alpha)
    return Change(estimate, p_value, p_value, visible, alpha)


def find_visible(spread: Spread, alpha: float) -> float:
    """Find the difference that a test at `alpha` would see with the usual power."""
    more = 1 + stats.norm.ppf(POWER) / stats.norm.ppf(1 - alpha / 2)
    return float(spread.find_half_width(alpha) * more)


def compare_items(ours: Floats, theirs: Floats, confidence: float) -> Change:
    """Compare two policies on the same items by the exact test of McNemar.

    Of items that only one of them has right, each is as likely to have it if there is
    no difference.  Graded items count by which of the two is better.

    Args:
        ours: how right each item is, one row a seed.  # (S, N)
        theirs: the same of the other, with as many rows, or one.
        confidence: of the interval.
    """
    gains = ours - theirs
    change = estimate_change(average([gains]), float(gains.mean()), confidence)
    if len(gains) > 1:
        return change
    better, worse = int((gains > 0).sum()), int((gains < 0).sum())
    if not better + worse:
        return replace(change, p_value=1.0, adjusted=1.0)
    p_value = float(stats.binomtest(better, better + worse).pvalue)
    return replace(change, p_value=p_value, adjusted=p_value)


def adjust_family(changes: Sequence[Change]) -> list[Change]:
    """Adjust the p-values of changes that are tested together."""
    adjusted = adjust_by_holm([change.p_value for change in changes])
    return [
        replace(change, adjusted=float(p))
        for change, p in zip(changes, adjusted, strict=True)
    ]
