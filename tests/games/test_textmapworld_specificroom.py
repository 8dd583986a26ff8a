"""Facts about textmapworld_specificroom: the room to find, recordings."""

import math
import random
from typing import Any

import pytest

from games.contract import Instance
from games.errors import InstanceError
from games.kit.splits import SPLITS
from games.textmapworld import SPECIFICROOM as GAME
from games.textmapworld import list_secrets
from games.textmapworld.generator import DISTANCES
from games.textmapworld.house import measure_distances, read_house
from tests.games.noted import assert_noted
from tests.games.playing import play, score_episode
from tests.games.test_textmapworld import DATA


def played(*replies: str, goal: str = "loft") -> Any:
    """Return a master that has been given some replies."""
    data = DATA | {"Specific_Room": goal}
    return play(Instance("textmapworld_specificroom", "close", "x", data), *replies)


@pytest.mark.parametrize(
    ("replies", "outcome", "reason", "score"),
    [
        (["GO: east", "GO: east", "DONE"], "success", "found", 100),
        (["GO: east", "GO: north", "DONE"], "lose", "wrong room", 0),
        (["GO: east", "GO: east", "GO: west", "DONE"], "lose", "wrong room", 0),
        (["GO: east"] * 20, "aborted", "turn limit", math.nan),
        (["GO: Loft"], "aborted", "format", math.nan),
    ],
)
def test_ends(replies: list[str], outcome: str, reason: str, score: float) -> None:
    """It is where one says DONE that counts, not how one got there."""
    master = played(*replies)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert master.main_score == pytest.approx(score, nan_ok=True)


def test_the_walk_is_scored_as_well() -> None:
    """The harmonic mean of efficiency and exploration is the old benchscore."""
    scores = score_episode(played("GO: east", "GO: east", "DONE"))
    assert scores["old_benchscore"] == pytest.approx(2 * 100 * 75 / 175)


def test_no_place_counts_for_two_loops() -> None:
    """Here, and here only, one is looked for in what came after the last."""
    there_and_back = ["GO: east", "GO: west"] * 2
    assert score_episode(played(*there_and_back, "DONE"))["loops"] == 1
    assert score_episode(played(*there_and_back * 2, "DONE"))["loops"] == 2


def test_the_prompt_tells_what_to_find() -> None:
    """The room to find and the start are told, no other room is."""
    assert "Room to find: Bath\nYou are in the Den." in played(goal="Bath").observe()
    assert list_secrets(played(goal="Bath").instance, "guesser") == ["Hall", "Loft"]


def test_a_room_that_is_nowhere_is_refused() -> None:
    """The room to find has to be in the house."""
    with pytest.raises(InstanceError, match="has no room 'Attic'"):
        played(goal="Attic")


@pytest.mark.parametrize("variant", GAME.spec.variants)
@pytest.mark.parametrize("split", SPLITS)
def test_rooms_are_as_far_as_their_variant_says(variant: str, split: str) -> None:
    """Eight rooms; the one to find is 0, 1 to 2 or 3 to 4 moves away."""
    fewest, most = DISTANCES[variant]
    for data in GAME.generate(variant, split, 20, random.Random(6)):
        house = read_house(Instance("textmapworld_specificroom", variant, "x", data))
        away = measure_distances(house, data["Current_Position"])
        assert len(house) == 8
        assert fewest <= away[data["Specific_Room"]] <= most


def test_notes_and_scores_of_moves_are_the_recorded_ones() -> None:
    """Each recorded episode is noted and scored as clembench did."""
    assert_noted("textmapworld_specificroom")
