"""Scores of a policy over many episodes, as clembench computes them.

Per game: played = % of episodes not aborted; quality = mean main score of those that
have one (aborted episodes have NaN). Both are then averaged over games, a game with
no played episode being left out of quality though not of played; and
clemscore = played / 100 * quality. All are rounded to 2 decimals at each of these
steps. `product` is the mean over games of played / 100 * quality: one lucky episode
in a game otherwise aborted cannot lift it, as it can lift clemscore.

Undefined numbers are NaN: quality where nothing was played, and everything where
there is no episode at all. clemscore is NaN too if quality is; product is then 0.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from games.contract import Outcome

EpisodeScore = tuple[str, str, float]
"""(game, outcome, main score) of one episode."""


@dataclass(frozen=True)
class GameScores:
    """One game's scores."""

    episodes: int
    played: float
    """% of episodes that were not aborted."""
    quality: float
    """Mean main score of the played episodes; NaN if there is none."""

    @property
    def product(self) -> float:
        """Played / 100 * quality; 0 where no episode was played."""
        return 0.0 if math.isnan(self.quality) else self.played / 100 * self.quality


@dataclass(frozen=True)
class Scores:
    """A policy's scores; NaN where undefined."""

    played: float
    """Mean over games of % played."""
    quality: float
    """Mean over games that have one."""
    clemscore: float
    """played / 100 * quality, the standard form."""
    product: float
    """Mean over games of (played / 100 * quality)."""
    per_game: dict[str, GameScores]
    """By name of game."""


def score_episodes(rows: Iterable[EpisodeScore]) -> Scores:
    """Return the scores of all episodes of one policy."""
    by_game: dict[str, list[EpisodeScore]] = defaultdict(list)
    for row in rows:
        by_game[row[0]].append(row)
    return combine({game: score_game(by_game[game]) for game in sorted(by_game)})


def combine(per_game: dict[str, GameScores]) -> Scores:
    """Return the averages over games."""
    games = per_game.values()
    played = _average([game.played for game in games])
    quality = _average([g.quality for g in games if not math.isnan(g.quality)])
    product = _average([game.product for game in games])
    clemscore = _round(played / 100 * quality)
    return Scores(played, quality, clemscore, product, per_game)


def score_game(rows: list[EpisodeScore]) -> GameScores:
    """Return the scores of all episodes of one game."""
    aborted = [outcome == Outcome.ABORTED for _, outcome, _ in rows]
    scores = [score for _, _, score in rows if not math.isnan(score)]
    return GameScores(
        len(rows), _average([not a for a in aborted], scale=100), _average(scores)
    )


def _average(numbers: Sequence[float], scale: int = 1) -> float:
    """Average numbers to 2 decimals; NaN of nothing."""
    if not numbers:
        return math.nan
    return _round(scale * (math.fsum(numbers) / len(numbers)))


def _round(number: float) -> float:
    """Round a number to 2 decimals, as pandas does: what is a tie in decimals.

    Python would round the number that the binary digits stand for.
    """
    return number if math.isnan(number) else round(number * 100) / 100
