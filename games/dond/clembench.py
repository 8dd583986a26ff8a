"""dond in clembench's words: its referee notes nothing."""

from games.bridge import Bridge
from games.dond.master import DealOrNoDeal


def score_episode(master: DealOrNoDeal) -> dict[str, float]:
    """Score the share of all points to be had, and whether it is Pareto optimal.

    As in clembench, only the largest sum counts as optimal in mode coop.
    """
    return {
        "Sum of Points": master.score_or_nan(master.share_of_points),
        "Pareto Optimal": master.score_or_nan(master.shortfall == 0),
    }


BRIDGE = Bridge(score_episode=score_episode)
