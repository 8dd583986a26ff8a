"""Replay: recorded episodes agree with our rules, and a difference is found."""

import gzip
import json
from pathlib import Path

import pytest

from games.contract import Instance
from games.registry import GAMES
from games.replay import main
from games.session import Session, expert_pair
from tests.games.oracle import ORACLE

RECORDED = GAMES.keys() - {"dond", "clean_up", "air_balloon_survival", "hellogame"}
DATA = {"target_word": "horse", "related_word": ["ride", "pony", "race track"]}


def recorded(skill: float = 1.0) -> dict:
    """Return an episode of taboo, played here, in the form of a recording."""
    game, instance = GAMES["taboo"], Instance("taboo", "high_en", "1", DATA)
    players = expert_pair(game, instance, skill, seed=0)
    session = Session(game, instance, dict.fromkeys(players, "expert"))
    while session.role is not None:
        session.reply(players[session.role](session.messages()))
    return {
        "id": "1",
        "game": "taboo",
        "experiment": "high_en",
        "experiment_hash": "x",
        "instance": DATA,
        "responses": [
            {
                "player": f"Player {1 + (turn.role == 'guesser')}",
                "kind": "model",
                "context": turn.context,
                "text": turn.reply,
            }
            for turn in session.turns
        ],
        "outcome": {"aborted": 0, "success": 1, "lose": 0},
        "main_score": session.master.main_score,
        "episode_scores": session.master.episode_scores(),
    }


def replayed(folder: Path, record: dict) -> int:
    """Write a recording as files and replay it; return the exit code."""
    (folder / "experiments").mkdir()
    parameters = json.dumps({"x": {"name": "high_en"}})
    (folder / "experiments" / "taboo.json").write_text(parameters)
    with gzip.open(folder / "taboo.jsonl.gz", "wt") as file:
        file.write(json.dumps(record) + "\n")
    return main([str(folder / "taboo.jsonl.gz")])


@pytest.mark.parametrize("game", sorted(RECORDED))
def test_every_recorded_episode_agrees(
    game: str, capsys: pytest.CaptureFixture
) -> None:
    """The benchmark's own episodes have the same contexts, outcomes and scores here."""
    path = ORACLE / f"{game}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no recorded episodes of {game} beside the repository ({path})")

    agreed = main([str(path)])

    printed = capsys.readouterr().out
    assert agreed == 0, printed
    assert int(printed.split()[1]) > 10
    assert "not computed here" not in printed


def test_what_was_played_here_agrees(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """A recording of our own game agrees on everything."""
    assert replayed(tmp_path, recorded()) == 0
    assert capsys.readouterr().out == (
        "taboo: 1 episodes; agreed on outcome 1, main score 1, contexts 1, "
        "episode scores 1\n"
    )


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("main score", {"main_score": 12.5}),
        ("main score", {"main_score": None}),
        ("outcome", {"outcome": {"aborted": 0, "success": 0, "lose": 1}}),
        ("outcome", {"responses": recorded()["responses"][:1]}),
        ("outcome", {"responses": recorded()["responses"] * 2}),
        ("episode scores", {"episode_scores": {"Request Count": 9}}),
    ],
)
def test_a_difference_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture, check: str, change: dict
) -> None:
    """Each of the things that are compared can disagree, and is then shown."""
    assert replayed(tmp_path, recorded() | change) == 1
    printed = capsys.readouterr().out
    assert f"{check} 0" in printed
    assert f"  1: {check}: ours" in printed


def test_a_score_that_is_not_computed_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """A recorded score that the game lacks is no disagreement, but it is said."""
    record = recorded()
    record["episode_scores"] |= {"Aborted": 0, "Elegance": 3}
    assert replayed(tmp_path, record) == 0
    assert capsys.readouterr().out.endswith("\n  not computed here: Elegance\n")


def test_another_context_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """One blank more in what a role sees is a disagreement."""
    record = recorded()
    record["responses"][1]["context"] += " "
    assert replayed(tmp_path, record) == 1
    assert "contexts 0" in capsys.readouterr().out


def test_a_file_of_something_else_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """A file that holds no recordings is one sentence."""
    (tmp_path / "notes.jsonl").write_text("{}\n")
    assert main([str(tmp_path / "notes.jsonl")]) == 2
    assert "notes.jsonl cannot be replayed" in capsys.readouterr().err


def test_a_game_that_is_not_ours_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """Recordings of an unknown game are counted, and not passed over in silence."""
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "chess.json").write_text('{"x": {}}')
    line = json.dumps({"game": "chess", "experiment_hash": "x"})
    (tmp_path / "chess.jsonl").write_text(f"{line}\n{line}\n")
    assert main([str(tmp_path / "chess.jsonl")]) == 1
    assert "chess: 2 episodes; not replayed" in capsys.readouterr().out
