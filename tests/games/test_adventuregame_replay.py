"""Facts about adventuregame: the benchmark's own episodes, played here."""

import re
from typing import Any

import pytest

from games.adventuregame import GAME
from games.adventuregame.domain import ROOMS
from games.adventuregame.world import World
from games.contract import Instance
from tests.games.oracle import episodes, recorded_outcome, same_score


def in_any_order(text: str) -> list[str]:
    """Return the words and marks of a text, sorted."""
    return sorted(re.findall(r"\w+|[^\w\s]", text))


def differences(record: dict[str, Any]) -> list[str]:
    """Replay a recording; return all that is different here."""
    instance = Instance(
        "adventuregame", record["experiment"], record["id"], record["instance"]
    )
    master = GAME.master(instance)
    found = []
    for number, response in enumerate(record["responses"]):
        if master.role is None:
            return [*found, f"ended before {number}"]
        if in_any_order(master.observe()) != in_any_order(response["context"]):
            found.append(f"context {number}: {master.observe()}")
        master.step(response["text"])
    if master.outcome != recorded_outcome(record):
        found.append(f"outcome {master.outcome}")
    if not same_score(master.main_score, record["main_score"]):
        found.append(f"main score {master.main_score}")
    others = {"Success", "Lose", "Aborted", "Main Score"}
    scores = master.episode_scores()
    assert scores.keys() == record["episode_scores"].keys() - others
    for name, score in scores.items():
        if not same_score(score, record["episode_scores"][name]):
            found.append(f"{name} {score}")
    return found


def test_recorded_episodes_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """All agree: contexts but for order, ends, all scores; "the floor" being any one.

    The original takes the floor of a room that its hash seed decides on for the one
    that a player means; so, where a floor is named, one of six must agree.
    """
    named = World.named
    for record in episodes("adventuregame"):
        found = differences(record)
        for room in ROOMS if "floor" in str(record["responses"]) else ():
            if found:
                floor = f"{room}1floor1"
                with monkeypatch.context() as patch:
                    patch.setattr(
                        World,
                        "named",
                        lambda self, kind, floor=floor: (
                            floor if kind == "floor" else named(self, kind)
                        ),
                    )
                    found = differences(record)
        assert not found, (record["id"], found)


def test_recorded_outcomes_do_not_depend_on_the_floor() -> None:
    """With the floor of the room where the player is, all outcomes agree as well."""
    for record in episodes("adventuregame"):
        found = differences(record)
        assert not [
            text for text in found if text.startswith(("outcome", "main", "end"))
        ]
