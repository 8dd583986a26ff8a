"""The scores of an episode besides the main one, by their clembench names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from games.adventuregame.actions import RESOLUTION_FAILURES, Result
from games.adventuregame.understanding import (
    PARSING,
    PARSING_FAILURES,
    RESOLUTION,
)
from games.contract import Note

FAILED, ACTED, GOALS = "action_fail", "action_info", "goal_status"
CLAIM, INVALID, RESULT = "hallucinated_finish", "invalid_format", "game_result"
"""Kinds of the referee's notes that turns are scored by."""
_PLANNED = ("plan_command_success_ratio", "plan_followed")
_EXPLORED = (
    "effective_epistemic_gain_amount",
    "known_entities_ratio",
    "visited_rooms_ratio",
    "known_goal_entities_ratio",
)


@dataclass
class Planned:
    """How a turn with a plan went."""

    viability: float
    """Share of the plan that could have been carried out from there."""
    is_followed: bool
    """Whether the turn's command was the first of the plan before."""


@dataclass
class Log:
    """What happened in an episode, as far as scores need it."""

    turns: int = 0
    results: list[Result] = field(default_factory=list)
    plans: list[Planned] = field(default_factory=list)
    """Of the turns that had a plan and were not the last one of an aborted episode."""
    is_hallucinating: bool = False
    """Whether the player claimed to be done and was not."""


def request_scores(log: Log) -> dict[str, float]:
    """Return how many replies were in the right form."""
    violated = log.turns - len(log.results)
    return {
        "Violated Request Count": violated,
        "Parsed Request Count": len(log.results),
        "Request Count": log.turns,
        "Request Success Ratio": len(log.results) / max(log.turns, 1),
    }


def action_scores(log: Log) -> dict[str, float]:
    """Return how often commands failed, in all and for each reason."""
    failures = [result.failure for result in log.results]
    counts = {
        name: failures.count(name) for name in PARSING_FAILURES + RESOLUTION_FAILURES
    }
    phases = [result.failed.phase for result in log.results if result.failed]
    return {
        "hallucination_count": int(log.is_hallucinating),
        "action_parsing_fail": phases.count(PARSING),
        "action_resolution_fail": phases.count(RESOLUTION),
        **counts,
        "successful_actions": failures.count(""),
    }


def speed_scores(
    log: Log, optimal: int, most: int, is_finished: bool
) -> dict[str, float]:
    """Return how many turns were used, NaN where the goals were never reached."""
    over = log.turns - optimal if is_finished else math.nan
    slowness = over / max(most - optimal, 1)
    return {
        "turns_over_par": over,
        "turn_ratio": 1 - slowness,
        "finish_speed": slowness,
    }


def plan_scores(log: Log) -> dict[str, float]:
    """Return how good plans were, and whether good or bad ones were followed."""
    turns = max(log.turns, 1)
    bad = sum(
        now.is_followed and before.viability == 0
        for before, now in zip(log.plans, log.plans[1:], strict=False)
    )
    return {
        "plan_followed_ratio": sum(plan.is_followed for plan in log.plans) / turns,
        "plan_average_viability_ratio": sum(p.viability for p in log.plans) / turns,
        "bad_plan_follow_ratio": bad / turns,
        "bad_plan_dismiss_ratio": 1 - bad / turns,
    }


def turn_scores(notes: Sequence[Note]) -> dict[str, dict[str, float]]:
    """Return the scores of each turn that are not 0, from what was noticed in it."""
    found: dict[str, dict[str, float]] = {}
    results = [note.content for note in notes if note.kind == RESULT]
    is_finished = any(one["game_successfully_finished"] for one in results)
    for note in notes:
        scores = found.setdefault(
            str(note.round), {"Request Count": 1, "Parsed Request Count": 1}
        )
        scores |= _scores_of(note.kind, note.content, is_finished)
    return {
        number: {name: score for name, score in scores.items() if score}
        for number, scores in found.items()
    }


def _scores_of(kind: str, content: Any, is_finished: bool) -> dict[str, float]:
    """Return what a note has to say of its turn."""
    if kind in _PLANNED:
        return {kind: content}
    if kind == INVALID:
        return {"Parsed Request Count": 0, "Violated Request Count": 1, content: 1}
    if kind == CLAIM:
        return {"hallucination": 1}
    if kind == GOALS:
        return {"goal_score": content["turn_goal_score"]}
    if kind == FAILED:
        phase = f"action_{content['phase']}_fail"
        return {phase: 1, content["fail_type"]: 1, **_explored(content)}
    if kind == ACTED:
        is_wrong = "done_action" in content and not is_finished
        return {"hallucination": int(is_wrong), **_explored(content)}
    return {}


def _explored(content: dict[str, Any]) -> dict[str, float]:
    """Return what a command did to find something out."""
    info = content["exploration_info"]
    return {
        "epistemic_action": int(info["action_epistemic"]),
        "pragmatic_action": int(info["action_pragmatic"]),
        **{name: info[name] for name in _EXPLORED},
    }
