"""Yardsticks: blind players are at chance, and the expert wins."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from games.errors import ParamsError
from games.kit.blind import BlindKind, make_blind, name_gist
from games.registry import GAMES
from games.scoring import score_game
from games.session import Episode
from stages.common.episodes import read_episodes
from stages.common.examples import DEMONSTRATION, DEMONSTRATIONS, write_examples
from stages.instances.sources import generate
from stages.yardsticks.__main__ import FILE, list_lineups, play
from tests.stages.small import run_stage, set_params, write_inputs

BLIND = ["blind/constant", "blind/uniform", "blind/frequent"]


def play_all(game: str, names: dict[str, str], num: int = 90) -> list[Episode]:
    """Play the test instances of a game."""
    made = generate(GAMES[game], "test", num, 1)
    learned = {("referencegame", "follower"): Counter({"second": 9, "first": 1})}
    return [play(one, names, learned, seed) for seed, one in enumerate(made)]


def quality(episodes: Sequence[Episode]) -> float:
    """Average the main score."""
    return score_game([(e.game, e.outcome, e.main_score) for e in episodes]).quality


@pytest.mark.parametrize("name", BLIND)
@pytest.mark.parametrize("giver", [*BLIND, "expert"])
def test_a_blind_follower_finds_a_third_of_the_targets(name: str, giver: str) -> None:
    """Whoever describes them: chance is 33 %, for constant answers exactly."""
    found = quality(play_all("referencegame", {"giver": giver, "follower": name}))
    assert found == pytest.approx(100 / 3, abs=0.01 if name != "blind/uniform" else 15)


def test_an_expert_follower_cannot_see_through_a_blind_giver() -> None:
    """A seat's chance is measured beside an expert, who does what can be done."""
    names = {"giver": "blind/constant", "follower": "expert"}
    experts = dict.fromkeys(names, "expert")
    assert quality(play_all("referencegame", names)) < 60
    assert quality(play_all("referencegame", experts)) > 95


def test_a_frequent_reply_is_said_where_it_can_be() -> None:
    """What was learned most often is repeated, and what cannot be said is not."""
    episodes = play_all("referencegame", dict.fromkeys(("giver", "follower"), BLIND[2]))
    assert {e.turns[1].reply for e in episodes} == {"Answer: second"}
    (instance,) = generate(GAMES["guesswhat"], "test", 1, 1)
    habits = {"no such word": 9, instance.data["candidate_list"][3]: 1}
    player = make_blind(
        GAMES["guesswhat"], instance, "guesser", BlindKind.FREQUENT, None, habits
    )
    assert player([]) == f"GUESS: {instance.data['candidate_list'][3]}"


def test_the_gist_of_a_reply_is_behind_its_tags() -> None:
    """What stands before the last tag, an explanation, is not compared."""
    assert name_gist("explanation: so it is\nguess: CRANE") == "crane"
    assert name_gist("X X\n▢ ▢") == "x x\n▢ ▢"


def test_each_player_fills_all_roles_and_each_beside_experts() -> None:
    """The expert is beside nobody but itself; one role leaves no seat beside."""
    found = list(list_lineups(("a", "b"), ["blind/uniform", "expert"]))
    assert found == [
        {"a": "blind/uniform", "b": "blind/uniform"},
        {"a": "blind/uniform", "b": "expert"},
        {"a": "expert", "b": "blind/uniform"},
        {"a": "expert", "b": "expert"},
    ]
    assert len(list(list_lineups(("a",), ["blind/uniform", "expert"]))) == 2


def test_the_stage_plays_the_test_instances_the_same_each_time(project: Path) -> None:
    """Held-in and held-out games, byte for byte."""
    set_params()
    write_inputs()
    write_examples(DEMONSTRATIONS, [], DEMONSTRATION)
    run_stage("yardsticks")
    first = FILE.read_bytes()
    run_stage("yardsticks")
    assert FILE.read_bytes() == first
    episodes = read_episodes(FILE)
    assert {e.game for e in episodes} == {"taboo", "referencegame", "guesswhat"}
    assert len(episodes) == 9 * 10
    assert not [e for e in episodes if e.reason == "format"]


def test_both_ends_are_needed(project: Path) -> None:
    """Without an expert or a blind player nothing can be measured by them."""
    for players in (["expert"], BLIND):
        with pytest.raises(ParamsError, match="the two ends"):
            set_params(yardsticks={"players": players})
