"""dond in clembench's words: its referee notes nothing."""

from typing import Any

from games.bridge import Bridge
from games.dond.events import TooMuch
from games.dond.master import COOP, NO_PROPOSAL, A, B, DealOrNoDeal
from games.events import Event, Malformed
from games.kit.requests import list_requests, sum_requests


def score_episode(master: DealOrNoDeal) -> dict[str, float]:
    """Score the share of all points to be had, and whether it is Pareto optimal.

    As in clembench, only the largest sum counts as optimal in mode coop.
    """
    return sum_requests(master, _find_violating(master)) | {
        "Sum of Points": master.score_or_nan(master.share_of_points),
        "Pareto Optimal": master.score_or_nan(master.shortfall == 0),
    }


def list_keys(master: DealOrNoDeal) -> dict[str, Any]:
    """List what clembench's scorer reads."""
    together, single = master.largest_sum, master.largest_share
    most = together if master.instance.data["mode"] == COOP else single
    proposals = {role: master.find_proposal(role) for role in (A, B)}
    return list_requests(master, _find_violating(master)) | {
        "player_a_proposal": proposals[A],
        "player_b_proposal": proposals[B],
        "sum_of_scores": round(master.share_of_points * together),
        "max_sum_of_scores": together,
        "max_player_scores": single,
        "max_pareto_improvement": most,
        "pareto_improvement": round(master.shortfall * most),
        "pareto_optimal": int(master.shortfall == 0),
        "episode_score": 1 - master.shortfall,
    }


def _find_violating(master: DealOrNoDeal) -> list[type[Event]]:
    """Find what clembench counts as violated: not that a proposal was missing."""
    return [] if master.reason == NO_PROPOSAL else [Malformed, TooMuch]


BRIDGE = Bridge(score_episode=score_episode, list_keys=list_keys)
