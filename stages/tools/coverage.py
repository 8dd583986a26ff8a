"""How often the report's intervals hold the truth, and its labels are wrong.

    python -m stages.tools.coverage            # print it
    python -m stages.tools.coverage --write    # and keep it in docs/coverage.json

Thousands of studies are drawn in which the truth is known, and given to the functions
that the report uses.  In a study instances differ in how hard they are (1 point of the
logit either way is usual), every game has a rate of its own, and a training seed shifts
all of a policy's rates; how much seeds matter differs from study to study, from not at
all to 1 point of the logit.  With one seed the truth is the rate of that policy, with
three the mean over all seeds that there could be.

The rates of the studies lie around the one that is named (half to one and a half times
as much), as no interval for few events can hold exactly 95 % at every single rate: with
24 instances at 2 % there are 0 or 1 successes in 92 % of the studies, and up to 2 in
99 %; nothing lies between.  `exact rates` shows that.  Nor can a difference be told
where but a few instances differ: there intervals hold the truth more often.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
from scipy.special import expit, logit

from stages.report.intervals import (
    adjust_by_holm,
    find_difference_interval,
    find_p_value,
    find_rate_interval,
    spread_difference,
)
from stages.report.measures import Floats, Measured, average, measure_suite
from stages.report.power import find_power, list_needed

FILE = Path("docs/coverage.json")
ALPHA = 0.05
RATES = (0.02, 0.05, 0.1, 0.2, 0.5)
NUMS = (24, 60, 200)
SEEDS = (1, 3)
HARDNESS = 0.8
"""Standard deviation of instances, in logits."""
GAIN = 0.09
PLAYED = 0.8
"""Share of episodes that are played, in the studies of clemscore."""
FAMILY = 10
"""Differences that are tested at once."""
_NODES, _SHARES = np.polynomial.hermite_e.hermegauss(31)


class Studies:
    """Many studies at once, of one size."""

    def __init__(
        self, num: int, rate: float, instances: int, seeds: int, games: int, key: int
    ) -> None:
        self.rng = np.random.default_rng(
            [key, instances, seeds, games, int(1e3 * rate)]
        )
        self.num, self.instances, self.seeds = num, instances, seeds
        self.wander = self.rng.uniform(0, 1, num)
        """How much seeds matter, in each study."""
        self.shift = self.wander[:, None] * self.rng.normal(size=(num, seeds))
        around = rate * np.exp(self.rng.uniform(-1, 1, num) * np.log(1.5))
        spread = np.log(2) if games > 1 else 0.0
        self.rates = [
            np.minimum(around * np.exp(self.rng.uniform(-1, 1, num) * spread), 0.95)
            for _ in range(games)
        ]

    def steady(self) -> "Studies":
        """Let seeds have no effect."""
        self.wander, self.shift = 0 * self.wander, 0 * self.shift
        return self

    def fix(self, rate: float) -> "Studies":
        """Let all studies have exactly this rate, and seeds no effect."""
        self.rates = [np.full(self.num, rate) for _ in self.rates]
        return self.steady()

    def draw_hardness(self) -> Floats:
        """Draw how hard each instance is, the same for all policies and seeds."""
        return HARDNESS * self.rng.normal(size=(self.num, 1, self.instances))

    def play(self, rate: Floats, hardness: Floats, shift: Floats) -> Floats:
        """Play a game: a score for each seed and instance."""
        level = logit(rate)[:, None, None] + shift[..., None] + hardness
        return (self.rng.random(level.shape) < expit(level)) * 1.0

    def grade(self, hits: Floats) -> Floats:
        """Give every success a score between 0.2 and 1."""
        return hits * self.rng.uniform(0.2, 1, hits.shape)

    def average_rate(self, rate: Floats, shift: Floats) -> Floats:
        """Compute the true rate, over all instances and, if several, all seeds."""
        level = logit(rate) + (shift[:, 0] if self.seeds == 1 else 0)
        others = 0 if self.seeds == 1 else self.wander * (shift != 0).any(-1)
        reach = np.sqrt(HARDNESS**2 + others**2)
        over = expit(level[:, None] + np.multiply.outer(reach, _NODES).reshape(-1, 31))
        return (over * _SHARES).sum(-1) / _SHARES.sum()


def cover_rates(studies: Studies, *, graded: bool) -> Floats:
    """Tell of each study whether the interval of its rate holds the truth."""
    games, truth = [], np.zeros(studies.num)
    for rate in studies.rates:
        hits = studies.play(rate, studies.draw_hardness(), studies.shift)
        games.append(studies.grade(hits) if graded else hits)
        truth += studies.average_rate(rate, studies.shift) * (0.6 if graded else 1)
    return _holds(find_rate_interval(average(games), ALPHA), truth / len(games))


def cover_clemscore(studies: Studies) -> Floats:
    """Tell of each study whether the interval of clemscore holds the truth."""
    games, truth = [], np.zeros(studies.num)
    for rate in studies.rates:
        hits = studies.play(rate, studies.draw_hardness(), studies.shift)
        is_played = studies.rng.random(hits.shape) < PLAYED
        games.append(np.where(is_played, hits, np.nan))
        truth += PLAYED * studies.average_rate(rate, studies.shift)
    measured = measure_suite(games)["clemscore"]
    return _holds(find_rate_interval(measured, ALPHA), truth / len(games))


def compare(studies: Studies, gain: float, *, graded: bool) -> tuple[Measured, Floats]:
    """Compare a policy with one that it was trained from; give the true difference."""
    ours, theirs, truth = [], [], np.zeros(studies.num)
    still = np.zeros((studies.num, 1))
    for rate in studies.rates:
        better, hardness = np.minimum(rate + gain, 0.95), studies.draw_hardness()
        before = studies.play(rate, hardness, still)
        after = studies.play(better, hardness, studies.shift)
        ours.append(studies.grade(after) if graded else after)
        theirs.append(studies.grade(before) if graded else before)
        change = studies.average_rate(better, studies.shift)
        change = change - studies.average_rate(rate, still)
        truth += change * (0.6 if graded else 1)
    return average(ours).subtract(average(theirs)), truth / len(ours)


def cover_differences(studies: Studies, *, graded: bool) -> Floats:
    """Tell of each study whether the interval of a difference holds the truth."""
    measured, truth = compare(studies, GAIN, graded=graded)
    return _holds(find_difference_interval(measured, ALPHA), truth)


def _holds(interval: tuple[Floats, Floats], truth: Floats) -> Floats:
    low, high = interval
    return ((low <= truth) & (truth <= high)).astype(np.float64)


def measure_coverage(num: int) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each kind of number with the coverage of every size of study, in %."""
    kinds: dict[str, tuple[int, Callable[[Studies], Floats]]] = {
        "rate of one game": (1, lambda s: cover_rates(s, graded=False)),
        "rate over 4 games": (4, lambda s: cover_rates(s, graded=False)),
        "graded score of one game": (1, lambda s: cover_rates(s, graded=True)),
        "graded score over 4 games": (4, lambda s: cover_rates(s, graded=True)),
        "clemscore over 4 games": (4, cover_clemscore),
        "difference in one game": (1, lambda s: cover_differences(s, graded=False)),
        "difference over 4 games": (4, lambda s: cover_differences(s, graded=False)),
        "graded difference over 4 games": (
            4,
            lambda s: cover_differences(s, graded=True),
        ),
    }
    for key, (name, (games, cover)) in enumerate(kinds.items()):
        found = {}
        for seeds, instances, rate in product(SEEDS, NUMS, RATES):
            studies = Studies(num, rate, instances, seeds, games, key)
            label = f"{seeds} seeds, {instances} instances, rate {rate}"
            found[label] = round(100 * float(cover(studies).mean()), 1)
        yield name, found


def measure_exact_rates(num: int) -> dict[str, float]:
    """Measure the coverage, in %, where every study has one and the same rate."""
    found = {}
    for instances, rate in product(NUMS, RATES):
        studies = Studies(num, rate, instances, 1, 1, 50).fix(rate)
        share = cover_rates(studies, graded=False).mean()
        found[f"1 seeds, {instances} instances, rate {rate}"] = round(100 * share, 1)
    return found


def measure_alike(num: int) -> dict[str, float]:
    """Measure the coverage, in %, for policies that differ on few instances.

    All that differ are gains, or three in four, or half of them.
    """
    found = {}
    for gains, instances, rate in product((1.0, 0.75, 0.5), NUMS, RATES):
        studies = Studies(num, rate, instances, 1, 1, 60)
        (share,) = studies.rates
        draw = studies.rng.random((num, 1, instances))
        better = draw < (share * gains)[:, None, None]
        worse = draw > 1 - (share * (1 - gains))[:, None, None]
        measured = average([better * 1.0 - worse])
        truth = share * (2 * gains - 1)
        holds = _holds(find_difference_interval(measured, ALPHA), truth)
        label = f"{rate} of {instances} instances differ, {gains:.0%} gains"
        found[label] = round(100 * float(holds.mean()), 1)
    return found


def measure_false_findings(num: int) -> dict[str, float]:
    """Measure, in %, how many families without any change are said to have one."""
    found = {}
    for seeds, instances in product(SEEDS, NUMS):
        studies = [
            Studies(num, 0.3, instances, seeds, 1, 100 + one).steady()
            for one in range(FAMILY)
        ]
        p_values = [
            find_p_value(spread_difference(compare(one, 0.0, graded=False)[0]))
            for one in studies
        ]
        adjusted = adjust_by_holm(np.stack(p_values, axis=-1))
        share = (adjusted < ALPHA).any(-1).mean()
        found[f"{seeds} seeds, {instances} instances"] = round(100 * float(share), 1)
    return found


def measure_power(num: int) -> dict[str, dict[str, float]]:
    """Measure the power at the number of instances that `stages.report.power` names."""
    found = {}
    for share, needed in list_needed(GAIN, 0.8, ALPHA).items():
        rng = np.random.default_rng([7, needed])
        draw = rng.random((num, 1, needed))
        gains = (draw < (share + GAIN) / 2) * 1.0
        losses = (draw > 1 - (share - GAIN) / 2) * 1.0
        p_values = find_p_value(spread_difference(average([gains - losses])))
        found[f"{share:.0%} of pairs differ"] = {
            "instances": needed,
            "power by formula": round(100 * find_power(GAIN, share, needed, ALPHA), 1),
            "power": round(100 * float((p_values < ALPHA).mean()), 1),
        }
    return found


def measure_all(num: int) -> dict[str, object]:
    """Measure coverage, false findings and power."""
    return {
        "studies": num,
        "confidence": 100 * (1 - ALPHA),
        "coverage": dict(measure_coverage(num)),
        "coverage at exact rates": measure_exact_rates(num),
        "coverage of policies that are nearly alike": measure_alike(num),
        "families with a false finding": measure_false_findings(num),
        f"power to see {100 * GAIN:g} points": measure_power(num),
    }


def main() -> None:
    """Print, and keep if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--studies", type=int, default=4000, help="of each size")
    parser.add_argument("--write", action="store_true", help=f"keep it in {FILE}")
    options = parser.parse_args()
    start = time.monotonic()
    text = json.dumps(measure_all(options.studies), indent=1) + "\n"
    print(text, end="")
    print(f"{time.monotonic() - start:.0f} seconds")
    if options.write:
        FILE.write_text(text)


if __name__ == "__main__":
    main()
