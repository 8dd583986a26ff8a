"""The measures of a suite, each with what every instance contributes to it.

A measure of one training seed is a smooth function of its instances' scores.  How much
each instance moves it (its influence) says how the measure varies with the instances
that happen to be drawn: exactly for averages, to first order for clemscore, which is a
product of two averages.  Everything here is from 0 to 1, and may have further axes in
front, so that `stages.tools.coverage` measures many studies at once.  Numbers are not
rounded: `games.scoring` rounds, and gives the values that are printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """A measure for each training seed, and what every instance contributes to it."""

    points: Floats  # (..., S)
    influences: list[Floats]  # one a game, (..., S, N); they add up to 0 in each seed
    values: list[Floats]  # the instances' own scores, (..., S, N)
    counts: list[Floats]  # how many of a game's instances decide it, (...)
    weights: list[Floats]  # the mean square of an instance's weight, (...)
    units: Floats  # how many instances there are at most to tell it by, (...)

    def subtract(self, other: "Measured") -> "Measured":
        """Take the difference, seed by seed and instance by instance.

        Args:
            other: measured on the same instances, with as many seeds, or with one that
                stands against all of ours.
        """
        return replace(
            self,
            points=self.points - other.points,
            influences=_subtract_all(self.influences, other.influences),
            values=_subtract_all(self.values, other.values),
        )

    def keep(self, seeds: NDArray[np.bool_]) -> "Measured":
        """Leave out the seeds in which the measure is not defined."""
        return replace(
            self,
            points=self.points[seeds],
            influences=[one[seeds] for one in self.influences],
            values=[one[seeds] for one in self.values],
        )


def _subtract_all(ours: list[Floats], theirs: list[Floats]) -> list[Floats]:
    return [one - two for one, two in zip(ours, theirs, strict=True)]


def average(games: Sequence[Floats]) -> Measured:
    """Average numbers within each game (items in each task), then over games."""
    num = len(games)
    means = [one.mean(-1) for one in games]
    pairs = list(zip(games, means, strict=True))
    return Measured(
        np.mean(means, axis=0),
        [(one - mean[..., None]) / num for one, mean in pairs],
        list(games),
        [np.full(mean.shape[:-1], one.shape[-1] * 1.0) for one, mean in pairs],
        [np.full(mean.shape[:-1], 1 / num**2) for mean in means],
        np.full(means[0].shape[:-1], sum(one.shape[-1] for one in games) * 1.0),
    )


def measure_suite(games: Sequence[Floats]) -> dict[str, Measured]:
    """Compute the measures of clembench, and the product form, of some games.

    clemscore counts as 0 where nothing was played at all, though quality is undefined.

    Args:
        games: main scores from 0 to 1, NaN where aborted.  # (..., S, N) each
    """
    values = [np.nan_to_num(one) for one in games]
    played = average([(~np.isnan(one)).astype(np.float64) for one in games])
    quality = _average_quality(games, values)
    known = np.nan_to_num(quality.points)
    pairs = zip(played.influences, quality.influences, strict=True)
    clemscore = [
        known[..., None] * by_played + played.points[..., None] * by_quality
        for by_played, by_quality in pairs
    ]
    return {
        "clemscore": Measured(
            played.points * known,
            clemscore,
            values,
            quality.counts,
            [one * (played.points**2).mean(-1) for one in quality.weights],
            played.units,
        ),
        "product": average(values),
        "played": played,
        "quality": quality,
    }


def _average_quality(games: Sequence[Floats], values: list[Floats]) -> Measured:
    """Average the quality of the games that were played; NaN if none was."""
    nums = [(~np.isnan(one)).sum(-1) for one in games]  # (..., S)
    means = [_divide(v.sum(-1), n) for v, n in zip(values, nums, strict=True)]
    num_games = np.sum([num > 0 for num in nums], axis=0)
    influences = [
        np.where(np.isnan(one), 0, one - mean[..., None])
        * (one.shape[-1] * _divide(1, num * num_games))[..., None]
        for one, mean, num in zip(games, np.nan_to_num(means), nums, strict=True)
    ]
    points = np.where(num_games > 0, _divide(np.sum(means, 0), num_games), np.nan)
    counts = [np.maximum(num.mean(-1), 1) for num in nums]
    weights = [
        one.shape[-1] / count / np.maximum(num_games.mean(-1), 1) ** 2
        for one, count in zip(games, counts, strict=True)
    ]
    units = np.maximum(np.sum([num.mean(-1) for num in nums], axis=0), 1)
    return Measured(points, influences, values, counts, weights, units)


def _divide(above: NDArray[np.float64] | float, below: NDArray[np.int64]) -> Floats:
    """Divide, 0 where there is nothing to divide by."""
    filled = np.where(below > 0, below, 1)
    return np.where(below > 0, above / filled, 0.0)
