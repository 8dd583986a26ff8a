"""Percentile bootstrap of clemscore and accuracy, on arrays of all resamples at once.

A resample draws instances within each game (items within each benchmark task), and
training seeds where a row pools several. The same instances are drawn for every policy,
so that the difference of two policies is paired. Numbers are not rounded in here:
`games.scoring` rounds, and gives the values that are printed.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from stages.common.seeds import derive_seed

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Resampled:
    """A number, and what it would have been in each resample."""

    point: float
    draws: Floats  # (R,)

    def __sub__(self, other: Self) -> "Resampled":
        return Resampled(self.point - other.point, self.draws - other.draws)

    def find_interval(self, confidence: float) -> tuple[float, float]:
        """Find the percentile interval; NaN where no resample defines the number."""
        if np.isnan(self.draws).all():
            return float("nan"), float("nan")
        tail = (1 - confidence) / 2
        low, high = np.nanquantile(self.draws, [tail, 1 - tail])
        return float(low), float(high)


def draw_weights(num: int, resamples: int, *key: object) -> Floats:
    """Draw how often each of `num` units is in each resample, (R, num)."""
    rng = np.random.default_rng(derive_seed(*key))
    counts = rng.multinomial(num, np.full(num, 1 / num), size=resamples)
    return counts.astype(np.float64)


def divide(above: Floats, below: Floats) -> Floats:
    """Divide, NaN where there is nothing to divide by."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def resample_game(scores: Floats, drawn: Floats) -> tuple[Floats, Floats]:
    """Compute % played and quality of one game in each resample, (R, S) both.

    Args:
        scores: main scores, NaN where aborted.  # (S, N)
        drawn: how often each instance is drawn.  # (R, N)

    """
    played = (~np.isnan(scores)).astype(np.float64)
    num_played = drawn @ played.T  # (R, S)
    quality = divide(drawn @ np.nan_to_num(scores).T, num_played)
    return 100 * num_played / scores.shape[1], quality


def resample_suite(games: list[tuple[Floats, Floats]]) -> dict[str, Floats]:
    """Average the four measures over games' % played and quality, (R, S) each.

    clemscore counts as 0 where nothing was played at all, though quality is undefined.
    """
    played = np.stack([played for played, _ in games])  # (G, R, S)
    quality = np.stack([quality for _, quality in games])
    mean_played, mean_quality = played.mean(0), _average_defined(quality)
    return {
        "clemscore": mean_played / 100 * np.nan_to_num(mean_quality),
        "product": (played / 100 * np.nan_to_num(quality)).mean(0),
        "played": mean_played,
        "quality": mean_quality,
    }


def _average_defined(numbers: Floats) -> Floats:
    return divide(np.nan_to_num(numbers).sum(0), (~np.isnan(numbers)).sum(0) * 1.0)


def pool_seeds(draws: Floats, drawn: Floats) -> Floats:
    """Average over the drawn seeds; both (R, S), undefined ones left out."""
    defined = drawn * ~np.isnan(draws)
    return divide((np.nan_to_num(draws) * defined).sum(1), defined.sum(1))
