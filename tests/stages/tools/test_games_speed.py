"""The speed of game masters: what it replays is what was played."""

import json

import pytest

from games.registry import GAMES
from games.session import expert_pair, play_episode
from stages.tools import games_speed


@pytest.mark.parametrize("game", GAMES)
def test_a_replayed_episode_is_the_one_that_was_played(game: str) -> None:
    """Steps are real: replies lead to the turns and the score that they led to."""
    rules = GAMES[game]
    instance, replies = games_speed.play_scripts(rules)[0]
    players = expert_pair(rules, instance, games_speed._SKILL, seed=0)
    played = play_episode(rules, instance, players)

    replayed = games_speed.replay(rules, instance, replies)

    assert (replayed.turns, replayed.outcome) == (played.turns, played.outcome)


def test_speeds_are_printed_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """Each game has steps a second in memory and on disk, and its worst reply."""
    monkeypatch.setattr(games_speed, "_SECONDS", 0.01)
    monkeypatch.setattr("sys.argv", ["games_speed", "--games", "taboo", "--json"])

    games_speed.main()

    (speeds,) = json.loads(capsys.readouterr().out).values()
    assert min(speeds["memory"], speeds["disk"]) > 0
    assert speeds["worst_ms"] >= 0


def test_an_unknown_game_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt game ends in a sentence."""
    monkeypatch.setattr("sys.argv", ["games_speed", "--games", "tabu"])

    with pytest.raises(SystemExit, match="no game is called 'tabu'"):
        games_speed.main()
