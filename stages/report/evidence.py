"""All episodes and benchmark items of the policies, and the resamples they share."""

import math
from collections import defaultdict
from statistics import fmean

import numpy as np
import pyarrow as pa

from games.contract import Outcome
from games.errors import ArtifactError
from games.scoring import Scores, score_episodes
from pipeline.params.policies import list_evaluated
from pipeline.params.sections.play import SELF_PLAY
from pipeline.params.sections.whole import Params
from stages.common.episodes import read_episodes
from stages.common.examples import read_examples
from stages.common.files import DATA
from stages.report.bootstrap import (
    Floats,
    Resampled,
    draw_weights,
    pool_seeds,
    resample_game,
    resample_suite,
)

SUITES = ("held_in", "held_out", "benchmarks")
MEASURES = ("clemscore", "product", "played", "quality")
SAMPLE = pa.schema([("benchmark", pa.string()), ("correct", pa.float64())])
"""What is read of a benchmark item."""

Episodes = dict[str, dict[str, tuple[str, float]]]
"""Game -> instance -> (outcome, main score)."""
Items = dict[str, Floats]
"""Benchmark -> whether each of its items was answered correctly."""


class Evidence:
    """What was measured of every policy.

    Raises:
        ArtifactError: a file is missing, or two policies faced different tests.

    """

    def __init__(self, params: Params) -> None:
        self.params = params
        self.policies = list_evaluated(params)
        """Their ids, in the order of the rows."""
        self.episodes = {one: _gather_episodes(one) for one in self.policies}
        self.items = {one: _gather_items(one) for one in self.policies}
        first = self.policies[0]
        for policy_id in self.policies[1:]:
            for kind, tests in (
                (f"play/{SELF_PLAY}", self._list_instances),
                ("benchmarks", self._count_items),
            ):
                if tests(policy_id) != tests(first):
                    raise ArtifactError(
                        f"data/{kind}/{policy_id} and data/{kind}/{first} hold "
                        f"different tests: run `dvc repro` so that all policies face "
                        "the same"
                    )

    def _list_instances(self, policy_id: str) -> dict[str, list[str]]:
        return {game: sorted(by) for game, by in self.episodes[policy_id].items()}

    def _count_items(self, policy_id: str) -> dict[str, int]:
        return {name: len(correct) for name, correct in self.items[policy_id].items()}

    def list_games(self, suite: str) -> list[str]:
        """List the games of a suite that were played."""
        held = self.params.games
        games = held.held_in if suite == "held_in" else held.held_out
        return [game for game in games if game in self.episodes[self.policies[0]]]

    def score(self, policy_id: str, games: list[str]) -> Scores:
        """Score a policy on some games, rounded as clembench does."""
        return score_episodes(
            (game, outcome, score)
            for game in games
            for outcome, score in self.episodes[policy_id][game].values()
        )

    def measure(self, policies: tuple[str, ...], suite: str) -> dict[str, Resampled]:
        """Compute the measures of a suite, pooled over policies that differ in seed.

        Empty where no game of the suite was played.
        """
        if suite == "benchmarks":
            points = {
                "accuracy": [self.average_accuracy(policy_id) for policy_id in policies]
            }
            draws = {"accuracy": self._resample_accuracy(policies)}
        else:
            games = self.list_games(suite)
            if not games:
                return {}
            scores = [self.score(policy_id, games) for policy_id in policies]
            points = {
                name: [_take_measure(s, name) for s in scores] for name in MEASURES
            }
            draws = resample_suite(
                [self._resample_game(policies, game) for game in games]
            )
        drawn = self._draw_weights(len(policies), "seeds", *policies)
        return {
            name: Resampled(
                average_defined(points[name]), pool_seeds(draws[name], drawn)
            )
            for name in points
        }

    def average_accuracy(self, policy_id: str) -> float:
        """Average the accuracy over benchmarks, 0..1."""
        items = self.items[policy_id].values()
        return fmean(float(correct.mean()) for correct in items)

    def _resample_game(
        self, policies: tuple[str, ...], game: str
    ) -> tuple[Floats, Floats]:
        by_policy = [self.episodes[policy_id][game] for policy_id in policies]
        ids = sorted(by_policy[0])
        scores = np.array([[by[i][1] for i in ids] for by in by_policy])  # (S, N)
        return resample_game(scores, self._draw_weights(len(ids), "play", game))

    def _resample_accuracy(self, policies: tuple[str, ...]) -> Floats:
        benchmarks = list(self.items[policies[0]])
        total = np.zeros((self.params.report.bootstrap, len(policies)))  # (R, S)
        for name in benchmarks:
            correct = np.stack([self.items[policy_id][name] for policy_id in policies])
            drawn = self._draw_weights(correct.shape[1], "benchmarks", name)
            total += drawn @ correct.T / correct.shape[1]
        return total / len(benchmarks)

    def _draw_weights(self, num: int, *key: object) -> Floats:
        resamples = self.params.report.bootstrap
        return draw_weights(num, resamples, self.params.seed, "report", *key)


def average_defined(numbers: list[float]) -> float:
    """Average the numbers that are not NaN; NaN if there are none."""
    defined = [number for number in numbers if not math.isnan(number)]
    return fmean(defined) if defined else math.nan


def _take_measure(scores: Scores, name: str) -> float:
    values = {
        "clemscore": 0.0 if math.isnan(scores.quality) else scores.clemscore,
        "product": scores.product,
        "played": scores.played,
        "quality": scores.quality,
    }
    return values[name]


def _gather_episodes(policy_id: str) -> Episodes:
    by_game: Episodes = defaultdict(dict)
    for episode in read_episodes(
        DATA / "play" / SELF_PLAY / policy_id / "episodes.parquet"
    ):
        aborted = episode.outcome == Outcome.ABORTED
        score = math.nan if aborted else episode.main_score
        by_game[episode.game][episode.instance_id] = (episode.outcome, score)
    return dict(by_game)


def _gather_items(policy_id: str) -> Items:
    path = DATA / "benchmarks" / policy_id / "samples.parquet"
    by_name: dict[str, list[float]] = defaultdict(list)
    for row in read_examples(path, SAMPLE):
        by_name[row["benchmark"]].append(row["correct"])
    return {name: np.array(correct) for name, correct in by_name.items()}
