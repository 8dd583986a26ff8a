"""clemscore: by hand, by published tables, and its undefined cases."""

import math

import pytest

from games.contract import Outcome
from games.scoring import GameScores, combine, score_episodes, score_game

NAN = math.nan
# (% played, quality) of the published runs on clembench v2.0, games in alphabetical
# order; NaN quality where every episode was aborted
BASE_8B = (
    (35.94, 33.85), (43.08, 16.07), (90.0, 11.73), (66.1, 57.26), (100, 60.0),
    (100, 23.64), (100, 38.89), (98.33, 31.92), (36, 55.46), (20, 44.33),
    (60, 94.44), (36.67, 0), (0, NAN), (6.67, 50),
)  # fmt: skip
BASE_70B = (
    (88.28, 56.77), (84.62, 36.36), (91.67, 30.3), (79.66, 85.57), (97.5, 61.54),
    (100, 83.67), (100, 68.89), (91.67, 59.39), (100, 67.19), (26.67, 53.06),
    (90, 100), (76.67, 1.3), (6.67, 50), (0, NAN),
)  # fmt: skip
HELD_IN = (3, 5, 6, 7, 11, 12, 13)


def table(numbers: tuple[tuple[float, float], ...]) -> dict[str, GameScores]:
    """Return per-game scores from a published table."""
    return {f"game {i}": GameScores(30, *pair) for i, pair in enumerate(numbers)}


@pytest.mark.parametrize(
    ("numbers", "played", "quality", "clemscore"),
    [(BASE_8B, 56.63, 39.81, 22.54), (BASE_70B, 73.82, 58.0, 42.82)],
)
def test_published_tables_are_reproduced(
    numbers: tuple, played: float, quality: float, clemscore: float
) -> None:
    """Two published rows of 14 games give their published averages and clemscore."""
    scores = combine(table(numbers))
    assert (scores.played, scores.quality, scores.clemscore) == (
        played,
        quality,
        clemscore,
    )


def test_the_product_form_of_a_published_table() -> None:
    """Seven held-in games of the 8B base model: 19.58 standard, 19.30 product."""
    scores = combine(table(tuple(BASE_8B[i] for i in HELD_IN)))
    assert (scores.clemscore, scores.product) == (19.58, 19.3)


def test_scores_by_hand() -> None:
    """Quality is over played episodes; a game never played counts in played only."""
    scores = score_episodes(
        [
            ("a", "success", 100),
            ("a", "lose", 0),
            ("a", Outcome.ABORTED, NAN),
            ("b", "aborted", NAN),
            ("c", "success", 33.333333),
        ]
    )
    assert scores.per_game["a"] == GameScores(3, 66.67, 50.0)
    assert scores.per_game["c"] == GameScores(1, 100.0, 33.33)
    assert math.isnan(scores.per_game["b"].quality)
    assert scores.played == 55.56  # (66.67 + 0 + 100) / 3
    assert scores.quality == 41.66  # (50 + 33.33) / 2 = 41.665, half to even
    assert scores.clemscore == 23.15
    assert scores.product == 22.22  # (33.335 + 0 + 33.33) / 3


def test_one_lucky_episode_lifts_clemscore_but_not_the_product() -> None:
    """One of 30 episodes played, at 100: the forms differ by a factor of fifteen."""
    bad = [("lucky", "aborted", NAN)] * 29 + [("lucky", "success", 100)]
    scores = score_episodes([*bad, *[("even", "lose", 0)] * 30])
    assert scores.clemscore == 25.83
    assert scores.product == 1.67


def test_nothing_played_is_undefined() -> None:
    """Quality and clemscore are NaN where all is aborted; the product is then 0."""
    scores = score_episodes([("a", "aborted", NAN)])
    assert (scores.played, scores.product) == (0, 0)
    assert math.isnan(scores.quality)
    assert math.isnan(scores.clemscore)


@pytest.mark.parametrize(("aborted", "clemscore"), [(59, 0.84), (58, 1.66)])
def test_ties_in_decimals_go_to_the_even_digit(aborted: int, clemscore: float) -> None:
    """As in pandas: 0.835 is 0.84, and 1.665 is 1.66, whatever their binary digits."""
    rows = [("taboo", Outcome.ABORTED, NAN)] * aborted
    rows += [("taboo", "success", 100)] * (60 - aborted)
    rows += [("wordle", Outcome.ABORTED, NAN)] * 30
    assert score_episodes(rows).clemscore == clemscore


def test_no_episode_at_all_is_undefined() -> None:
    """Everything is NaN where there is nothing."""
    scores = score_episodes([])
    for value in (scores.played, scores.quality, scores.clemscore, scores.product):
        assert math.isnan(value)
    assert scores.per_game == {}


def test_a_game_counts_its_episodes() -> None:
    """Each game tells how many episodes its scores rest on."""
    assert score_game([("a", "lose", 0.0)] * 7).episodes == 7
