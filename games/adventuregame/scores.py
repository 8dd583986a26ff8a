"""Clembench's scores of an episode besides the main one, by their names."""

import math
from collections.abc import Sequence
from itertools import pairwise

from games.adventuregame.actions import RESOLUTION_FAILURES, Result
from games.adventuregame.events import PlanTried
from games.adventuregame.understanding import (
    PARSING,
    PARSING_FAILURES,
    RESOLUTION,
)


def count_requests(turns: int, parsed: int) -> dict[str, float]:
    """Count how many replies were in the right form."""
    return {
        "Violated Request Count": turns - parsed,
        "Parsed Request Count": parsed,
        "Request Count": turns,
        "Request Success Ratio": parsed / max(turns, 1),
    }


def score_actions(results: Sequence[Result]) -> dict[str, float]:
    """Count how often commands failed, in all and for each reason."""
    failures = [result.failure for result in results]
    counts = {
        name: failures.count(name) for name in PARSING_FAILURES + RESOLUTION_FAILURES
    }
    phases = [result.failed.phase for result in results if result.failed]
    return {
        "action_parsing_fail": phases.count(PARSING),
        "action_resolution_fail": phases.count(RESOLUTION),
        **counts,
        "successful_actions": failures.count(""),
    }


def score_speed(over: int | None, most: int) -> dict[str, float]:
    """Score how many turns were used; NaN where the goals were never reached.

    Args:
        over: how many more than needed; None where the goals were never reached.
        most: how many more there could have been.
    """
    used = math.nan if over is None else over
    slowness = used / max(most, 1)
    return {
        "turns_over_par": used,
        "turn_ratio": 1 - slowness,
        "finish_speed": slowness,
    }


def score_plans(plans: Sequence[PlanTried], turns: int) -> dict[str, float]:
    """Score how good plans were, and whether good or bad ones were followed."""
    turns = max(turns, 1)
    bad = sum(
        now.is_followed and before.viability == 0 for before, now in pairwise(plans)
    )
    return {
        "plan_followed_ratio": sum(plan.is_followed for plan in plans) / turns,
        "plan_average_viability_ratio": sum(p.viability for p in plans) / turns,
        "bad_plan_follow_ratio": bad / turns,
        "bad_plan_dismiss_ratio": 1 - bad / turns,
    }
