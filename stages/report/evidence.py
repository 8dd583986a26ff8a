"""All episodes and benchmark items of the policies, and what is measured of them."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import fmean

import numpy as np
import pyarrow as pa

from games.contract import Kind, Outcome
from games.errors import ArtifactError
from games.scoring import Scores, score_episodes
from games.session import Episode
from pipeline.params.policies import list_evaluated
from pipeline.params.sections.play import SELF_PLAY
from pipeline.params.sections.whole import Params
from stages.common.episodes import read_episodes
from stages.common.examples import read_examples
from stages.common.files import DATA
from stages.report.measures import Floats, Measured, average, measure_suite

YARDSTICKS = DATA / "yardsticks" / "episodes.parquet"
SUITES = ("held_in", "held_out", "benchmarks")
MEASURES = ("clemscore", "product", "played", "quality")
SAMPLE = pa.schema([("benchmark", pa.string()), ("correct", pa.float64())])
"""What is read of a benchmark item."""

Episodes = dict[str, dict[str, tuple[str, float]]]
"""Game -> instance -> (outcome, main score)."""
Replies = dict[str, dict[str, Counter[str]]]
"""Game -> role -> what was said in episodes that were not aborted, and how often."""
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
        self.yardsticks = list(params.yardsticks.players)
        """The names of blind players and the expert."""
        self.episodes: dict[str, Episodes] = {}
        """By policy, or yardstick."""
        self.replies: dict[str, Replies] = {}
        folder = DATA / "play" / SELF_PLAY
        for one in self.policies:
            self._add(one, read_episodes(folder / one / "episodes.parquet"))
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
        self._add_yardsticks()

    def _add(self, name: str, episodes: Sequence[Episode]) -> None:
        """Keep what is needed of the episodes of a policy, or of a yardstick."""
        by_game: Episodes = defaultdict(dict)
        replies: Replies = defaultdict(lambda: defaultdict(Counter))
        for episode in episodes:
            aborted = episode.outcome == Outcome.ABORTED
            score = math.nan if aborted else episode.main_score
            by_game[episode.game][episode.instance_id] = (episode.outcome, score)
            for turn in episode.turns:
                if not aborted and turn.kind != Kind.GIVEN:
                    replies[episode.game][turn.role][turn.reply] += 1
        self.episodes[name], self.replies[name] = dict(by_game), dict(replies)

    def _add_yardsticks(self) -> None:
        """Add what the yardsticks played by themselves, on the policies' instances."""
        tests = self._list_instances(self.policies[0])
        played = read_episodes(YARDSTICKS)
        for name in self.yardsticks:
            self._add(
                name,
                [
                    episode
                    for episode in played
                    if {*episode.players.values()} == {name}
                    and episode.instance_id in tests.get(episode.game, [])
                ],
            )
            if self._list_instances(name) != tests:
                raise ArtifactError(
                    f"{YARDSTICKS} lacks instances that policies have played: run "
                    "`dvc repro` so that all players face the same"
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

    def list_tasks(self) -> list[str]:
        """List the benchmarks."""
        return list(self.items[self.policies[0]])

    def score(self, policy_id: str, games: list[str]) -> Scores:
        """Score a policy on some games, rounded as clembench does."""
        return score_episodes(
            (game, outcome, score)
            for game in games
            for outcome, score in self.episodes[policy_id][game].values()
        )

    def find_points(self, policies: Sequence[str], suite: str) -> dict[str, float]:
        """Find the numbers to print of a suite: the means over policies.

        Empty where no game of the suite was played, as no benchmark is by yardsticks.
        """
        if suite == "benchmarks":
            if not self.items.keys() >= {*policies}:
                return {}
            return {"accuracy": fmean(map(self._average_accuracy, policies))}
        games = self.list_games(suite)
        if not games:
            return {}
        scores = [self.score(policy_id, games) for policy_id in policies]
        return {
            name: average_defined([_take_measure(one, name) for one in scores])
            for name in MEASURES
        }

    def measure(self, policies: Sequence[str], suite: str) -> dict[str, Measured]:
        """Measure policies that differ in seed on a suite, from 0 to 1.

        Empty where no game of the suite was played, as no benchmark is by yardsticks.
        """
        if suite == "benchmarks":
            if not self.items.keys() >= {*policies}:
                return {}
            tasks = self.list_tasks()
            return {"accuracy": average([self.stack_items(policies, t) for t in tasks])}
        games = self.list_games(suite)
        if not games:
            return {}
        return measure_suite([self.stack_scores(policies, game) for game in games])

    def stack_scores(self, policies: Sequence[str], game: str) -> Floats:
        """Stack the main scores of a game as (S, N), from 0 to 1, NaN where aborted."""
        by_policy = [self.episodes[policy_id][game] for policy_id in policies]
        ids = sorted(by_policy[0])
        return np.array([[by[i][1] for i in ids] for by in by_policy]) / 100

    def stack_items(self, policies: Sequence[str], task: str) -> Floats:
        """Stack as (S, N) whether each item of a benchmark was right."""
        return np.stack([self.items[policy_id][task] for policy_id in policies])

    def _average_accuracy(self, policy_id: str) -> float:
        """Average the accuracy over benchmarks, 0..1."""
        items = self.items[policy_id].values()
        return fmean(float(correct.mean()) for correct in items)


def average_defined(numbers: Sequence[float]) -> float:
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


def _gather_items(policy_id: str) -> Items:
    path = DATA / "benchmarks" / policy_id / "samples.parquet"
    by_name: dict[str, list[float]] = defaultdict(list)
    for row in read_examples(path, SAMPLE):
        by_name[row["benchmark"]].append(row["correct"])
    return {name: np.array(correct) for name, correct in by_name.items()}
