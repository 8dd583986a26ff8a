"""adventuregame in clembench's words, and what a recording leaves open.

What depended on the original's hash seed was not recorded: which of its floors it
means by "the floor", and in which order it lists things.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from games.adventuregame.events import (
    Action,
    AllAchieved,
    BadReply,
    Claimed,
    FailedAction,
    PlanMade,
    PlanTried,
    TurnBegun,
)
from games.adventuregame.exploration import Measure
from games.adventuregame.interpreter import Done
from games.adventuregame.master import TURN_LIMIT, AdventureGame
from games.adventuregame.scores import (
    count_requests,
    score_actions,
    score_plans,
    score_speed,
)
from games.adventuregame.understanding import PARSING_FAILURES
from games.bridge import Bridge, Data, Record, Wording
from games.events import Ended, Event, Verdict

_EXPLORED = (
    "effective_epistemic_gain_amount",
    "known_entities_ratio",
    "visited_rooms_ratio",
    "known_goal_entities_ratio",
)


def word(master: AdventureGame, event: Event) -> Iterator[Wording]:
    """Tell what each command and plan led to, and how the episode ended."""
    match event:
        case TurnBegun(number):
            yield "metadata", f"Round: {number}"
        case Claimed(reply):
            yield "hallucinated_finish", reply
        case BadReply(missing=missing):
            yield "invalid_format", str(missing)
        case PlanMade(steps):
            yield "turn_plan", steps
        case Action(done, gained) | FailedAction(done, gained):
            kind = "action_info" if isinstance(event, Action) else "action_fail"
            yield kind, describe(master.measure, done)
            goals = {"goal_states_achieved": done.goals, "turn_goal_score": gained}
            yield "goal_status", goals
        case PlanTried():
            yield from _word_plan(master, event)
        case AllAchieved(goals):
            yield "adventure_finished", goals
        case Ended():
            yield from _word_end(master, event)


def _word_plan(master: AdventureGame, tried: PlanTried) -> Iterator[Wording]:
    results = [
        [done.goals, done.result.text, describe(master.measure, done)]
        for done in tried.results
    ]
    yield "current_plan", str(tried.steps)
    yield "plan_length", len(tried.steps)
    yield "plan_results", results
    yield "plan_command_success_ratio", tried.viability
    if not tried.is_first:
        yield "plan_followed", int(tried.is_followed)


def _word_end(master: AdventureGame, ended: Ended) -> Iterator[Wording]:
    turns = len(master.list_events(Verdict))
    if ended.reason == TURN_LIMIT:
        text = f"Turn limit {turns} reached, end episode."
        yield "turn_limit_reached", text
    elif not master.is_aborted:
        yield "model_done", f"Model produced DONE action at turn {turns}, end episode."
    yield (
        "game_result",
        {
            "goal_states_achieved": _find_held(master),
            "game_successfully_finished": master.is_finished,
        },
    )


def describe(measure: Measure, done: Done) -> dict[str, Any]:
    """Tell why a command failed, or what it was; and what is known by then."""
    result, failed = done.result, done.result.failed
    if failed:
        action = "" if failed.kind in PARSING_FAILURES else result.action
        return {
            "phase": failed.phase,
            "fail_type": failed.kind,
            "arg": failed.arg,
            "exploration_info": measure.describe(done.known, action),
        }
    return {
        "action_type": result.action,
        "exploration_info": measure.describe(done.known, result.action),
        **({"done_action": True} if result.is_done else {}),
    }


def _list_actions(master: AdventureGame) -> list[Action | FailedAction]:
    verdicts = master.list_events(Verdict)
    return [one for one in verdicts if isinstance(one, Action | FailedAction)]


def _find_held(master: AdventureGame) -> list[Any]:
    """Find the goals that held after the last command, as it told them."""
    actions = _list_actions(master)
    return actions[-1].done.goals if actions else []


def score_episode(master: AdventureGame) -> dict[str, float]:
    """Count failures, and score speed and plans."""
    data, turns = master.instance.data, len(master.list_events(Verdict))
    results = [action.done.result for action in _list_actions(master)]
    is_wrong = any(one.is_done for one in results) and not master.is_finished
    over = turns - data["optimal_turns"] if master.is_finished else None
    return {
        **count_requests(turns, len(results)),
        "hallucination_count": int(is_wrong or bool(master.list_events(Claimed))),
        **score_actions(results),
        "turn_limit_loss": float(master.reason == TURN_LIMIT),
        **score_speed(over, data["max_turns"] - data["optimal_turns"]),
        "achieved_goal_ratio": len(_find_held(master)) / len(data["goal_state"]),
        **score_plans(master.list_events(PlanTried), turns),
    }


def score_turns(master: AdventureGame) -> dict[str, dict[str, float]]:
    """Score each turn by what was noticed in it, without what is 0."""
    found: dict[str, dict[str, float]] = {}
    for number, event in master.events:
        scores = found.setdefault(
            str(number), {"Request Count": 1, "Parsed Request Count": 1}
        )
        scores |= _score_event(master, event)
    return {
        number: {name: score for name, score in scores.items() if score}
        for number, scores in found.items()
    }


def _score_event(master: AdventureGame, event: Event) -> dict[str, float]:
    """Score the turn of an event by this event alone."""
    match event:
        case PlanTried():
            scores = {"plan_command_success_ratio": event.viability}
            followed = {"plan_followed": int(event.is_followed)}
            return scores | ({} if event.is_first else followed)
        case BadReply(missing=missing):
            return {
                "Parsed Request Count": 0,
                "Violated Request Count": 1,
                str(missing): 1,
            }
        case Claimed():
            return {"hallucination": 1}
        case Action(done, gained) | FailedAction(done, gained):
            explored = _score_exploration(describe(master.measure, done))
            return _score_result(master, done) | explored | {"goal_score": gained}
    return {}


def _score_result(master: AdventureGame, done: Done) -> dict[str, float]:
    if failed := done.result.failed:
        return {f"action_{failed.phase}_fail": 1, failed.kind: 1}
    is_finished = master.outcome is not None and master.is_finished
    return {"hallucination": int(done.result.is_done and not is_finished)}


def _score_exploration(described: dict[str, Any]) -> dict[str, float]:
    """Score a command by what it found out."""
    info = described["exploration_info"]
    return {
        "epistemic_action": int(info["action_epistemic"]),
        "pragmatic_action": int(info["action_pragmatic"]),
        **{name: info[name] for name in _EXPLORED},
    }


def list_keys(master: AdventureGame) -> dict[str, Any]:
    """List what clembench's scorer is told of the instance."""
    data, names = master.instance.data, ("variant", "max_turns", "optimal_turns")
    info = {name: data[name] for name in names}
    return {"adventure_info": info | {"goal_count": len(data["goal_state"])}}


def suppose(record: Record, data: Data, records: Sequence[Record]) -> list[Data]:
    """Leave open which floor is meant, if a floor is spoken of."""
    if not any("floor" in response["text"] for response in record["responses"]):
        return [data]
    facts = data["initial_state"]
    floors = [fact for fact in facts if fact.startswith("type(") and "floor" in fact]
    meant = [f"floor({fact[5:].partition(',')[0]})" for fact in floors]
    return [data] + [data | {"initial_state": [*facts, fact]} for fact in meant]


def loosen(told: Any) -> list[str]:
    """Take a text or value apart, so that its words may stand in any order."""
    text = told if isinstance(told, str) else json.dumps(told)
    return sorted(re.findall(r"\w+|[^\w\s]", text))


BRIDGE = Bridge(
    word=word,
    score_episode=score_episode,
    score_turns=score_turns,
    list_keys=list_keys,
    suppose=suppose,
    loosen=loosen,
)
