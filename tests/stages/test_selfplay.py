"""Self-play: who plays what with whom, and how often."""

import json
from collections import Counter
from pathlib import Path

import pytest

from games.errors import ArtifactError
from games.session import Episode
from stages.base.tiny import make_tiny_policy as build_tiny
from stages.common.episodes import read_episodes
from stages.common.files import write_json
from stages.common.games import locate_code
from stages.common.instances import locate_instances
from stages.common.policy import save_policy
from stages.selfplay.__main__ import summarize
from tests.stages.material import episode
from tests.stages.small import (
    NUM,
    PLAYED,
    list_ids,
    run_stage,
    set_params,
    write_inputs,
)

PLAYERS = {
    "skilled": {"kind": "expert", "skill": 1.0},
    "hopeless": {"kind": "expert", "skill": 0.0},
    "learner": {"kind": "policy"},
}
NO_BRANCHES = {"turns": 0, "continuations": 1}


@pytest.fixture(autouse=True)
def study(tiny_policy: Path) -> None:
    """Work in a small study whose base policy is there."""
    write_inputs()


def collect(*pairings: tuple[str, ...], **changes: object) -> list[Episode]:
    """Run the stage for these pairings, two episodes an instance each."""
    listed = [{"players": list(players), "samples": 2} for players in pairings]
    usual = {
        "selfplay__players": PLAYERS,
        "selfplay__pairings": listed,
        "selfplay__branching": NO_BRANCHES,
    }
    set_params(**(usual | changes))
    run_stage("selfplay")
    return read_episodes(Path("data/selfplay/episodes.parquet"))


def test_every_pairing_plays_every_training_instance() -> None:
    """As often as it says, and nothing of any other split or game."""
    episodes = collect(("skilled", "skilled"), ("hopeless", "skilled"))

    expected = list_ids(locate_instances("train"), PLAYED["held_in"])
    assert len(expected) == 2 * NUM
    for pairing in ("skilled", "skilled"), ("hopeless", "skilled"):
        own = [e for e in episodes if tuple(e.players.values()) == pairing]
        assert Counter((e.game, e.instance_id) for e in own) == {
            one: 2 for one in expected
        }
        assert Counter(e.sample for e in own) == {0: len(own) / 2, 1: len(own) / 2}


def test_players_sit_in_the_order_of_the_roles() -> None:
    """Skill is that of who is named: only the skilled describer's words are found."""
    episodes = collect(("skilled", "skilled"), ("skilled", "hopeless"))

    taboo = [e for e in episodes if e.game == "taboo"]
    won = {e.players["guesser"] for e in taboo if e.outcome == "success"}
    assert won == {"skilled"}
    assert {e.players["describer"] for e in taboo} == {"skilled"}
    assert list(taboo[0].players) == ["describer", "guesser"]


def test_samples_of_a_learner_differ_and_repeat() -> None:
    """At temperature 1 each sample is another draw, and a rerun draws the same."""
    first = collect(("skilled", "learner"), selfplay__temperature=1.0)
    again = collect(("skilled", "learner"), selfplay__temperature=1.0)

    def said(episodes: list[Episode], sample: int) -> list[list[str]]:
        return [[t.reply for t in e.turns] for e in episodes if e.sample == sample]

    assert said(first, 0) != said(first, 1)
    assert said(first, 0) == said(again, 0)
    for turn in (turn for e in first for turn in e.turns):
        assert bool(turn.token_ids) == (turn.role in ("guesser", "follower"))


def test_a_learner_samples_at_the_temperature_of_selfplay() -> None:
    """Greedy, its first reply to an instance is the same in all samples."""
    for temperature, num in ((0.0, 2 * NUM), (1.0, 2 * 2 * NUM)):
        episodes = collect(
            ("learner", "skilled"),
            selfplay__temperature=temperature,
            play__common__temperature=1.0 - temperature,
        )
        firsts = {(e.instance_id, tuple(e.turns[0].token_ids)) for e in episodes}
        assert len(firsts) == num


def test_the_learner_is_the_policy_that_is_named(project: Path) -> None:
    """Another policy says something else."""
    said = []
    save_policy(
        *build_tiny(hidden_size=32, layers=2, seed=1), project / "data/warmup/formats"
    )
    for learner in ("base", "warmup/formats"):
        episodes = collect(("learner", "skilled"), selfplay__learner=learner)
        said.append([e.turns[0].reply for e in episodes])

    assert said[0] != said[1]


def test_episodes_of_a_learner_branch() -> None:
    """So many turns of each are taken up again so often; scripted ones are not."""
    episodes = collect(
        ("skilled", "learner"),
        ("skilled", "skilled"),
        selfplay__branching={"turns": 1, "continuations": 3},
    )

    branches = [e for e in episodes if e.branch >= 0]
    whole = [e for e in episodes if e.branch < 0 and "learner" in e.players.values()]
    moved = [e for e in whole if any(turn.token_ids for turn in e.turns)]
    assert len(branches) == 3 * len(moved) > 0
    assert {"learner" in e.players.values() for e in branches} == {True}
    assert all(e.turns[e.branch].token_ids for e in branches)


def test_edited_code_of_a_game_is_not_played() -> None:
    """The code at hand has to be what the stage `games` saw."""
    write_json(locate_code("held_in"), {})

    with pytest.raises(ArtifactError, match="edited"):
        collect(("skilled", "skilled"))


def test_metrics_count_by_hand() -> None:
    """Rates are of whole episodes, in percent; branches are counted apart."""
    turn = ("describer", "describe dog", "CLUE: a")
    won, lost, broken = (
        episode(turn, turn, outcome=outcome)
        for outcome in ("success", "lose", "aborted")
    )
    branch = episode(turn, turn, turn, outcome="success", branch=1)
    for one, ids in ((won, [1, 2]), (branch, [3, 4, 5])):
        for place in one.turns:
            place.token_ids = ids

    metrics = summarize([won, lost, broken, branch])

    assert metrics == {
        "taboo": {
            "skilled-clumsy": {
                "episodes": 3,
                "branches": 1,
                "played": 66.67,
                "won": 33.33,
                "turns": 2.0,
                "sampled_tokens": 10,
            }
        }
    }
    assert json.dumps(metrics)
