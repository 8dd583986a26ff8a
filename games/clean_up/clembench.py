"""clean_up in clembench's words: its referee notes nothing."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from games.bridge import Bridge
from games.clean_up.events import BadCommand, FailedMove, Moved
from games.clean_up.master import CleanUp
from games.clean_up.rules import Cell, expect_distance
from games.kit.requests import list_requests, sum_requests


def score_episode(master: CleanUp) -> dict[str, Any]:
    """Score the two factors of the main score, each up to 1, and what they are of."""
    keys = describe(master)
    scores = {
        "Distance Score": master.nearness,
        "Penalty Score": master.penalty_score,
    }
    return sum_requests(master, [BadCommand]) | scores | keys


def list_keys(master: CleanUp) -> dict[str, Any]:
    """List what clembench's scorer reads."""
    return {"markdown": True} | describe(master) | list_requests(master, [BadCommand])


def describe(master: CleanUp) -> dict[str, Any]:
    """Describe what was moved, from where to where, and how often it failed."""
    roles = master.spec.roles
    names = {role: f"Player {number}" for number, role in enumerate(roles, 1)}
    is_whole = not master.is_aborted and master.ended_by == roles[-1]
    moved = master.list_events(Moved)
    shifts = sum(a.move.name != b.move.name for a, b in pairwise(moved))
    before, after = master.list_states()
    num = len(next(iter(before.values())))
    data = master.instance.data
    return {
        "Moves": [[names[event.role], event.move.name] for event in moved],
        "Init States": _write_states(before),
        "End States": _write_states(after),
        "Shifts": shifts,
        "Max Shifts": 2 * (num - 1),
        "Min Shifts": num - 1,
        "End Distance Sum": master.distance,
        "Init Distance Sum": master.distance_at_first,
        "Expected Distance Sum": expect_distance(num),
        "Penalties": master.penalties,
        "Max Penalties": data["max_penalties"],
        "Rounds": master.round + is_whole,
        "Max Rounds": data["max_rounds"],
        "Object Count": num,
        "Valid Moves": len(moved),
        "Invalid Moves": len(master.list_events(FailedMove)),
        "Parse Errors": 2 * len(master.list_events(BadCommand)),  # counted twice there
    }


def _write_states(states: Mapping[str, Mapping[str, Cell]]) -> dict[str, Any]:
    """Write where each player's objects are."""
    return {
        f"state_{number}": [
            {"id": name, "coord": list(cell)} for name, cell in objects.items()
        ]
        for number, objects in enumerate(states.values(), 1)
    }


BRIDGE = Bridge(score_episode=score_episode, list_keys=list_keys)
