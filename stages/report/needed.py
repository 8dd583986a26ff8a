"""What the study at hand could see, and how many instances would show more."""

from collections.abc import Sequence
from math import nan

import numpy as np

from stages.report.evidence import Evidence
from stages.report.power import POWER, find_needed
from stages.report.results import Result
from stages.report.tables import HELD


def write_needed(results: Sequence[Result], evidence: Evidence) -> str:
    """Say how many instances and items a change of `report.difference` points needs."""
    report = evidence.params.report
    gain, alpha = report.difference / 100, 1 - report.confidence
    parts = []
    for suite in (*HELD, "benchmarks"):
        share, num = find_share(results, evidence, suite)
        if num:
            needed = find_needed(gain, max(share, gain), POWER, alpha)
            what = "items" if suite == "benchmarks" else "instances"
            name = HELD.get(suite, suite)
            parts.append(
                f"{name}: {100 * share:.0f} % of pairs differ, {needed} {what} needed, "
                f"{num} here"
            )
    return (
        f"**Power**: to see {report.difference:g} points with {100 * POWER:.0f} % "
        f"power by a paired test of one seed: {'; '.join(parts)} (`python -m "
        "stages.report.power`). Holm's correction and seeds that differ need more."
    )


def find_share(
    results: Sequence[Result], evidence: Evidence, suite: str
) -> tuple[float, int]:
    """Find the share of pairs that differ in a suite, and how many pairs there are.

    The share is that of the two policies that differ most, of those that are compared;
    graded pairs count by the square of their difference.
    """
    shares, num = [0.0], 0
    for result in results:
        for theirs in result.row.list_references(evidence.policies).values():
            ours = evidence.measure(result.row.policies, suite)
            name = "accuracy" if suite == "benchmarks" else "product"
            if name not in ours:
                return nan, 0
            change = ours[name].subtract(evidence.measure(theirs, suite)[name])
            num = sum(one.shape[-1] for one in change.values)
            shares.append(float(np.mean([(one**2).mean() for one in change.values])))
    return max(shares), num
