"""Intervals that cover what they say, for averages over few instances and few seeds.

A number varies for two reasons: other instances could have been drawn, and training
with other seeds gives other policies.  Their variances are kept apart.

- Instances are drawn within each game, and all seeds play the same ones, so the
  variance from instances is that of an instance's mean over seeds.
- Seeds lie above the instances.  What their means differ by is instance noise too; it
  is counted once.  With few seeds their variance is hardly known: Student's t says how
  much wider that makes an interval.  Where there are few events, so that seeds must
  seem to differ by chance alone, it is drawn towards that chance.
- A rate near 0 or 1 has a Wilson interval, with the number of instances that has the
  same variance: 0 of 24 is not [0, 0].
- A difference of two policies on the same instances has a symmetric interval, and one
  imagined pair that differs, so that two equal rows are not equal for certain.

`stages.tools.coverage` measures how often these intervals hold the truth.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.optimize import elementwise

from stages.report.measures import Floats, Measured

PRIOR_INSTANCES = 1.0
"""Imagined instances of each game that vary like the pooled rate of all games."""
PRIOR_PAIRS = 1.0
"""Imagined pairs that differ, in all games together."""
FEW_EVENTS = 18.0
"""Events below which the variance of seeds is drawn towards chance."""
LEAST = 0.5
"""Of the variance from instances, what an interval has at least."""
_TINY = 1e-12


@dataclass(frozen=True)
class Spread:
    """How a number varies: variances, and by how many degrees of freedom known."""

    point: Floats
    by_seed: Floats
    seed_df: Floats
    by_instance: Floats
    instance_df: Floats

    def find_half_width(self, alpha: ArrayLike) -> Floats:
        """Find half the width of the interval that misses with probability alpha."""
        tail = 1 - np.asarray(alpha) / 2
        seeds = stats.t.ppf(tail, self.seed_df) ** 2 * self.by_seed
        instances = stats.t.ppf(tail, self.instance_df) ** 2 * self.by_instance
        return np.sqrt(np.maximum(seeds + instances, 0))


def count_events(values: list[Floats]) -> Floats:
    """Count what is not 0, over seeds, games and instances, large ones more."""
    squares = sum((one**2).sum((-2, -1)) for one in values)
    fourths = sum((one**4).sum((-2, -1)) for one in values)
    return np.where(fourths > 0, squares**2 / np.where(fourths > 0, fourths, 1), 0.0)


def spread_rate(measured: Measured) -> Spread:
    """Find how a rate, or any mean from 0 to 1, varies."""
    point = measured.points.mean(-1)
    others = [1 - one for one in measured.values]
    events = np.minimum(count_events(measured.values), count_events(others))
    spread = _spread(measured, events, point * (1 - point), np.zeros_like(point))
    # how a rate varies is known from the rate itself, so it has no degrees of freedom
    return replace(spread, instance_df=np.full_like(point, np.inf))


def spread_difference(measured: Measured) -> Spread:
    """Find how a difference of two policies on the same instances varies."""
    squares = sum((one**2).sum((-2, -1)) for one in measured.values)
    fourths = sum((one**4).sum((-2, -1)) for one in measured.values)
    size = np.where(squares > 0, fourths / np.where(squares > 0, squares, 1), 1.0)
    num = sum(one.shape[-1] for one in measured.values)
    pairs = PRIOR_PAIRS * size / num**2 / measured.points.shape[-1]
    return _spread(measured, count_events(measured.values), np.zeros_like(pairs), pairs)


def _spread(measured: Measured, events: Floats, prior: Floats, more: Floats) -> Spread:
    """Split the variance of the mean over seeds into seeds and instances.

    Args:
        measured: what varies.
        events: how much there is to see in it.
        prior: the variance of an imagined instance; 0: none is imagined.
        more: variance to be added.
    """
    num_seeds, point = measured.points.shape[-1], measured.points.mean(-1)
    by_instance, degrees = _sum_instances(measured, prior, more)
    instance_df = np.where(
        degrees > _TINY**2, by_instance**2 / np.maximum(degrees, _TINY**2), np.inf
    )
    if num_seeds == 1:
        nothing = np.zeros_like(point)
        return Spread(point, nothing, nothing + 1, by_instance, instance_df)
    own = num_seeds - 1
    noise = np.sum([_find_noise(one) for one in measured.influences], axis=0)
    imagined = (FEW_EVENTS / (events + 1)) ** 2
    between = measured.points.var(-1, ddof=1) / num_seeds
    by_seed = (own * between + imagined * noise) / (own + imagined)
    rest = np.maximum(by_instance - noise, LEAST * by_instance - by_seed)
    return Spread(point, by_seed, own + imagined, rest, np.full_like(rest, np.inf))


def _sum_instances(
    measured: Measured, prior: Floats, more: Floats
) -> tuple[Floats, Floats]:
    """Sum the variances of the games, and what their degrees of freedom come from."""
    total, degrees = more.copy(), np.zeros_like(more)
    games = zip(measured.influences, measured.counts, measured.weights, strict=True)
    for influence, count, weight in games:
        means = influence.mean(-2)
        variance = (means**2).sum(-1) / max(means.shape[-1] - 1, 1)
        imagined = PRIOR_INSTANCES * (prior > 0)
        known = np.maximum(count - 1 + imagined, _TINY)
        variance = ((count - 1) * variance + imagined * prior * weight) / known
        variance = variance / means.shape[-1]
        total += variance
        degrees += variance**2 / np.maximum(count - 1, 1)
    return total, degrees


def _find_noise(influence: Floats) -> Floats:
    """Find the variance of the mean over seeds if seeds and instances had no effect."""
    num_seeds, num = influence.shape[-2:]
    if num_seeds == 1 or num == 1:
        return np.zeros(influence.shape[:-2])
    rest = influence - influence.mean(-1, keepdims=True)
    rest = rest - rest.mean(-2, keepdims=True)
    freedom = (num_seeds - 1) * (num - 1)
    return (rest**2).sum((-2, -1)) / freedom / (num * num_seeds)


def find_rate_interval(measured: Measured, alpha: float) -> tuple[Floats, Floats]:
    """Find the Wilson interval of a rate, of so many instances as vary like it."""
    spread = spread_rate(measured)
    rate, half = spread.point, spread.find_half_width(alpha)
    num = measured.points.shape[-1] * measured.units
    worst = stats.norm.ppf(1 - alpha / 2) ** 2 / num
    room = rate * (1 - rate)
    is_inside = (room > _TINY) & (half > 0)
    ratio = np.where(is_inside, half**2 / np.where(is_inside, room, 1), worst)
    center = (rate + ratio / 2) / (1 + ratio)
    width = np.sqrt(ratio * np.maximum(room, 0) + ratio**2 / 4) / (1 + ratio)
    return np.maximum(center - width, 0), np.minimum(center + width, 1)


def find_difference_interval(measured: Measured, alpha: float) -> tuple[Floats, Floats]:
    """Find the interval of a difference, symmetric about it."""
    spread = spread_difference(measured)
    half = spread.find_half_width(alpha)
    return spread.point - half, spread.point + half


def find_p_value(spread: Spread) -> Floats:
    """Find the smallest alpha whose interval leaves out zero: the p-value."""
    size = np.abs(spread.point)

    def miss(logarithm: Floats, *parts: Floats) -> Floats:
        copy = Spread(*parts)
        return copy.find_half_width(np.exp(logarithm)) - np.abs(copy.point)

    parts = (
        spread.point,
        spread.by_seed,
        spread.seed_df,
        spread.by_instance,
        np.minimum(spread.instance_df, 1e6),
    )
    low, high = np.full_like(size, np.log(1e-12)), np.full_like(size, np.log(1 - 1e-9))
    found = elementwise.find_root(
        miss, (low, high), args=parts, tolerances={"xatol": 1e-4}
    )
    is_far = miss(low, *parts) <= 0
    p_value = np.where(found.success, np.exp(found.x), np.where(is_far, 1e-12, 1.0))
    return np.where(size > 0, p_value, 1.0)


def adjust_by_holm(p_values: ArrayLike) -> Floats:
    """Raise the p-values of a family, so that alpha bounds any false finding."""
    known = np.asarray(p_values, dtype=np.float64)  # (..., K)
    order = np.argsort(known, axis=-1)
    ranked = np.take_along_axis(known, order, -1)
    steps = np.arange(known.shape[-1], 0, -1)
    raised = np.minimum(np.maximum.accumulate(ranked * steps, axis=-1), 1)
    return np.take_along_axis(raised, np.argsort(order, axis=-1), -1)
