"""Skill on a scale of its own: 0 is the best blind player, 100 the expert.

Quality says little by itself: in referencegame whoever always says "third" has 33, in
taboo nobody has anything without knowing. In each game a policy is compared, instance
by instance, with the blind player that did best there; episodes that were aborted
count 0, like lost ones.
"""

from collections.abc import Sequence

import numpy as np

from pipeline.params.sections.yardsticks import EXPERT
from stages.report.estimates import Change, estimate_change
from stages.report.evidence import Evidence
from stages.report.measures import Floats, Measured, average


def measure_above_chance(
    policies: Sequence[str], games: Sequence[str], evidence: Evidence
) -> Measured | None:
    """Measure policies that differ in seed between chance and the expert.

    None where the expert does no better than chance in any of the games.
    """
    found = []
    for game in games:
        chance, gap = find_ends(game, evidence)
        if gap > 0:
            ours = np.nan_to_num(evidence.stack_scores(policies, game))
            found.append((ours - chance) / gap)
    return average(found) if found else None


def find_ends(game: str, evidence: Evidence) -> tuple[Floats, float]:
    """Find the scores of a game's best blind player, and how far the expert is above.

    Its scores are one row, an instance each.
    """
    blind = [
        np.nan_to_num(evidence.stack_scores([name], game))
        for name in evidence.yardsticks
        if name != EXPERT
    ]
    best = max(blind, key=lambda scores: float(scores.mean()))
    expert = np.nan_to_num(evidence.stack_scores([EXPERT], game))
    return best, float(expert.mean() - best.mean())


def estimate_skill(
    policies: Sequence[str], suite: str, evidence: Evidence
) -> Change | None:
    """Estimate how far policies are above chance in a suite; None if undefined."""
    games = evidence.list_games(suite)
    measured = measure_above_chance(policies, games, evidence)
    if measured is None:
        return None
    point = float(measured.points.mean())
    return estimate_change(measured, point, evidence.params.report.confidence)
