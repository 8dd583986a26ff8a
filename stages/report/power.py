"""How many instances show a change, and how small a change so many show.

    python -m stages.report.power                   # of report.difference points
    python -m stages.report.power --difference 5

A paired test looks at the pairs that differ: instances (or items) that one of the two
policies wins and the other does not.  The fewer of them, the fewer instances it needs.
The numbers are those of McNemar's test (Connor 1987), for one seed; what seeds vary by
comes on top, and no number of instances makes up for it.
"""

import argparse
import math
import sys

from scipy import stats

from games.errors import ParamsError
from pipeline.params.read import load_params

SHARES = (0.1, 0.2, 0.3, 0.5)
"""Shares of the pairs that differ, for which a table is printed."""
POWER = 0.8


def find_power(gain: float, share: float, num: int, alpha: float) -> float:
    """Compute how likely a test of so many pairs sees a gain.

    Args:
        gain: difference of the two rates, 0 to 1.
        share: of the pairs that differ, at least as much as the gain.
        num: of pairs.
        alpha: of the test.
    """
    chance = math.sqrt(share) * stats.norm.ppf(1 - alpha / 2)
    rest = math.sqrt(share - gain**2)
    return float(stats.norm.cdf((gain * math.sqrt(num) - chance) / rest))


def find_needed(gain: float, share: float, power: float, alpha: float) -> int:
    """Compute how many pairs a test needs to see a gain with some power."""
    chance = math.sqrt(share) * stats.norm.ppf(1 - alpha / 2)
    rest = math.sqrt(share - gain**2) * stats.norm.ppf(power)
    return math.ceil(((chance + rest) / gain) ** 2)


def list_needed(gain: float, power: float, alpha: float) -> dict[float, int]:
    """List the pairs needed for each usual share that can show the gain."""
    return {
        share: find_needed(gain, share, power, alpha)
        for share in SHARES
        if share >= gain
    }


def main() -> None:
    """Print how many instances and items are needed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--difference", type=float, help="in points, 0 to 100")
    report = load_params().report
    points = parser.parse_args().difference or report.difference
    alpha = 1 - report.confidence
    print(f"To see {points:g} points with {POWER:.0%} power at level {alpha:.2g}:")
    for share, num in list_needed(points / 100, POWER, alpha).items():
        print(f"  {share:4.0%} of pairs differ: {num} instances, or items, of a suite")


if __name__ == "__main__":
    try:
        main()
    except ParamsError as error:
        sys.exit(f"error: {error}")
