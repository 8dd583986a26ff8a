"""Intervals, labels and power are those of the textbook, and cover what they say."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from stages.report.estimates import compare_items
from stages.report.intervals import (
    adjust_by_holm,
    find_difference_interval,
    find_p_value,
    find_rate_interval,
    spread_difference,
    spread_rate,
)
from stages.report.measures import average, measure_suite
from stages.report.power import find_needed, find_power
from stages.tools.coverage import (
    Studies,
    cover_clemscore,
    cover_differences,
    cover_rates,
)

COVERAGE = json.loads(
    Path(__file__).parents[2].joinpath("docs/coverage.json").read_text()
)
LEAST, MOST = 93, 97
SIMULATION_ERROR = 0.5
"""Nearly two standard errors of a coverage that is measured on 4000 studies."""


def hits(num: int, of: int, seeds: int = 1) -> np.ndarray:
    """Return so many successes, the same for each seed."""
    return np.tile((np.arange(of) < num) * 1.0, (seeds, 1))


@pytest.mark.parametrize("num", [0, 1, 12, 24])
def test_a_plain_rate_has_the_wilson_interval(num: int) -> None:
    """One game, one seed: scipy's interval, to the difference of n and n - 1."""
    found = find_rate_interval(average([hits(num, 24)]), 0.05)
    known = stats.binomtest(num, 24).proportion_ci(0.95, method="wilson")
    assert found == pytest.approx((known.low, known.high), abs=0.01)


def test_more_instances_narrow_an_interval_and_more_seeds_of_the_same_do_not() -> None:
    """Seeds that are all alike tell of no other instances."""

    def measure_width(num: int, seeds: int) -> float:
        low, high = find_rate_interval(average([hits(num // 4, num, seeds)]), 0.05)
        return float(high - low)

    assert measure_width(200, 1) < 0.6 * measure_width(40, 1)
    assert measure_width(40, 3) == pytest.approx(measure_width(40, 1), rel=0.1)


def test_seeds_that_differ_widen_an_interval_beyond_that_of_one() -> None:
    """Of two seeds little is known about how far others would be apart."""
    rng = np.random.default_rng(0)
    apart = (rng.random((3, 100)) < [[0.1], [0.3], [0.5]]) * 1.0
    low, high = find_rate_interval(average([apart]), 0.05)
    alone_low, alone_high = find_rate_interval(average([apart[:1]]), 0.05)
    assert high - low > 2 * (alone_high - alone_low)
    assert spread_rate(average([apart])).seed_df < 2.5


def test_a_difference_without_pairs_that_differ_is_not_certain() -> None:
    """Its interval holds zero and has a width, and its p-value is 1."""
    same = average([hits(5, 24)])
    low, high = find_difference_interval(same.subtract(same), 0.05)
    assert low == -high and 0.02 < high < 0.2
    assert find_p_value(spread_difference(same.subtract(same))) == 1


def test_the_p_value_is_where_the_interval_leaves_out_zero() -> None:
    """An interval of just so little confidence ends at zero."""
    rng = np.random.default_rng(1)
    ours = average([(rng.random((3, 60)) < 0.5) * 1.0 for _ in range(2)])
    theirs = average([(rng.random((1, 60)) < 0.3) * 1.0 for _ in range(2)])
    change = ours.subtract(theirs)
    p_value = find_p_value(spread_difference(change))
    low, _ = find_difference_interval(change, float(p_value))
    assert 0 < p_value < 0.2 and low == pytest.approx(0, abs=1e-3)


def test_holm_raises_p_values_step_by_step() -> None:
    """Holm 1979: the smallest times K, the next times K - 1, never falling."""
    assert adjust_by_holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert adjust_by_holm([0.5, 0.9]) == pytest.approx([1, 1])


def test_items_are_compared_by_the_exact_test() -> None:
    """Nine items gained and one lost: the two-sided binomial test of 9 in 10."""
    ours, theirs = np.zeros((1, 40)), np.zeros((1, 40))
    ours[0, :9], theirs[0, 9] = 1, 1
    change = compare_items(ours, theirs, 0.95)
    assert change.p_value == pytest.approx(stats.binomtest(9, 10).pvalue)
    assert change.estimate.point == pytest.approx(0.2)
    assert change.label == "higher"


def test_an_aborted_episode_is_no_played_one() -> None:
    """It lowers played, and quality leaves it out."""
    scores = np.array([[1.0, np.nan, 0.0, np.nan]])
    found = measure_suite([scores])
    assert (found["played"].points, found["quality"].points) == (0.5, 0.5)
    assert (found["product"].points, found["clemscore"].points) == (0.25, 0.25)


def test_quality_of_one_played_episode_is_hardly_known() -> None:
    """However many were aborted, its interval is that of one."""
    scores = np.full((1, 24), np.nan)
    scores[0, 3] = 1.0
    low, high = find_rate_interval(measure_suite([scores])["quality"], 0.05)
    assert high == 1 and low < 0.3


def test_power_is_that_of_mcnemars_test() -> None:
    """Connor 1987: 9 points need 192 pairs if a fifth of them differ."""
    assert find_needed(0.09, 0.2, 0.8, 0.05) == 192
    assert find_power(0.09, 0.2, 192, 0.05) == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("kind", COVERAGE["coverage"])
def test_the_committed_coverage_is_near_95_percent(kind: str) -> None:
    """At rates of 0.02 to 0.5, with 24 to 200 instances, and with 1 and 3 seeds."""
    found = COVERAGE["coverage"][kind]
    assert len(found) == 30 and COVERAGE["studies"] >= 4000
    low, high = LEAST - SIMULATION_ERROR, MOST + SIMULATION_ERROR
    assert all(low <= share <= high for share in found.values()), found


def test_policies_that_are_nearly_alike_are_covered_at_least() -> None:
    """Where few instances differ an interval may only err on the safe side."""
    found = COVERAGE["coverage of policies that are nearly alike"]
    assert len(found) == 45 and min(found.values()) >= LEAST - SIMULATION_ERROR
    exact = COVERAGE["coverage at exact rates"]
    assert len(exact) == 15 and min(exact.values()) >= LEAST - SIMULATION_ERROR


def test_the_committed_labels_are_seldom_false_and_power_is_as_promised() -> None:
    """At most 5 % of families without a change claim one; 80 % see 9 points."""
    error = SIMULATION_ERROR
    false = COVERAGE["families with a false finding"].values()
    assert len(false) == 6 and max(false) <= 5 + error
    power = [one["power"] for one in COVERAGE["power to see 9 points"].values()]
    assert len(power) == 4 and min(power) >= 80 - error


@pytest.mark.parametrize("seeds", [1, 3])
def test_what_is_committed_is_what_the_code_does(seeds: int) -> None:
    """A few cells, drawn anew with fewer studies, agree with the file."""
    for kind, games, cover in (
        ("rate of one game", 1, lambda s: cover_rates(s, graded=False)),
        ("clemscore over 4 games", 4, cover_clemscore),
        ("difference over 4 games", 4, lambda s: cover_differences(s, graded=False)),
    ):
        share = 100 * cover(Studies(1000, 0.1, 24, seeds, games, 99)).mean()
        known = COVERAGE["coverage"][kind][f"{seeds} seeds, 24 instances, rate 0.1"]
        assert share == pytest.approx(known, abs=2.5), kind
