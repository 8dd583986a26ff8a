"""A recipe is chosen on validation instances, seat by seat, beside blind players."""

import sys
from pathlib import Path

import pytest

from stages.common.episodes import read_episodes
from stages.common.examples import DEMONSTRATION, DEMONSTRATIONS, write_examples
from stages.common.instances import locate_instances
from stages.tools import validate
from tests.stages.small import NUM, PLAYED, list_ids, set_params, write_inputs

EXPERT = {"partner": {"kind": "expert", "skill": 1.0}}


@pytest.fixture(autouse=True)
def study(tiny_policy: Path) -> None:
    """Work in a small study whose base policy is there, and no test instances."""
    set_params(play__overrides={"self": {}, "sampled": {}, "beside": EXPERT})
    write_inputs()
    for split in ("train", "test", "held_out"):
        locate_instances(split).unlink()
    write_examples(DEMONSTRATIONS, [], DEMONSTRATION)


def test_each_seat_is_played_on_validation_instances(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of the test split is read; the episodes are kept to be read."""
    argv = ["validate", "base", "--lineup", "self", "beside"]
    monkeypatch.setattr(sys, "argv", argv)

    validate.main()

    expected = list_ids(locate_instances("validation"), PLAYED["held_in"])
    folder = Path("scratch/validation")
    alone = read_episodes(folder / "self/base.parquet")
    assert [(e.game, e.instance_id) for e in alone] == expected
    beside = validate.group_by_seat(
        read_episodes(folder / "beside/base.parquet"), "base"
    )
    assert {seat: len(own) for seat, own in beside.items()} == {
        ("taboo", "describer"): NUM,
        ("taboo", "guesser"): NUM,
        ("referencegame", "giver"): NUM,
        ("referencegame", "follower"): NUM,
    }
    said = capsys.readouterr().out
    assert "base, self: 0 of 6 won" in said
    assert "base, beside: 0 of 12 won" in said


def test_a_blind_player_and_a_habit_are_told() -> None:
    """A third of the targets is where a blind follower always points."""
    params = validate.load_params()
    games = PLAYED["held_in"]
    instances = validate.read_instances(locate_instances("validation"), games=games)
    blind = validate.measure_blind(params, instances)
    episodes = validate.validate(params, "base", "self", instances)

    assert blind["referencegame", "follower"] > 33
    assert blind["taboo", "guesser"] == 0
    reply, share = validate.find_habit(episodes, "base")
    assert 0 < share <= 100
    assert any(turn.reply == reply for one in episodes for turn in one.turns)
    lines = validate.list_lines(episodes, "base", blind)
    assert [(line.game, line.role) for line in lines] == [
        (game, validate.ALL) for game in games
    ]
