"""The command for transcripts: export, import, judge again."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from games.checks.conformance import make_instances
from games.errors import ArtifactError, StudyError
from games.registry import GAMES
from games.session import Episode, Session, Turn, expert_pair
from stages.common.episodes import read_episodes, write_episodes
from stages.common.instances import read_instances, write_instances
from stages.tools.transcripts import main


def played() -> tuple[list[Episode], list]:
    """Return episodes of taboo and wordle by experts, and their instances."""
    instances = [
        one
        for game in ("taboo", "wordle")
        for one in make_instances(GAMES[game], "test", seed=1)[::4]
    ]
    episodes = []
    for number, one in enumerate(instances):
        game = GAMES[one.game]
        players = expert_pair(game, one, number % 2, seed=number)
        session = Session(game, one, dict.fromkeys(players, "expert"))
        while session.role is not None:
            session.reply(players[session.role](session.messages()))
        episodes.append(session.episode())
    return episodes, instances


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Write episodes and their instances; return the folder."""
    episodes, instances = played()
    write_episodes(tmp_path / "episodes.parquet", episodes)
    write_instances(tmp_path / "instances.parquet", instances)
    return tmp_path


def reading(folder: Path) -> list[str]:
    """Return the arguments that name a study's episodes and instances."""
    episodes, instances = folder / "episodes.parquet", folder / "instances.parquet"
    return ["--episodes", str(episodes), "--instances", str(instances)]


@pytest.mark.parametrize("layout", [[], ["--layout", "3.2.0"]])
def test_there_and_back(
    study: Path, layout: list[str], capsys: pytest.CaptureFixture
) -> None:
    """Episodes that are exported and imported are the same, and so are instances."""
    folder, back = str(study / "results"), study / "back.parquet"
    main(["export", *reading(study), "--out", folder, *layout])
    main(["import", folder, "--out", str(back)])
    ours, theirs = (
        sorted(map(repr, read_episodes(path)))
        for path in (study / "episodes.parquet", back)
    )
    assert ours == theirs
    games = ["taboo", "wordle"]
    found = read_instances(study / "back-instances.parquet", games=games)
    known = read_instances(study / "instances.parquet", games=games)
    assert sorted(map(repr, found)) == sorted(map(repr, known))
    printed = capsys.readouterr().out
    assert f"{len(ours)} episodes written to {folder}, as clemcore" in printed
    assert "their 5 instances" in printed


def test_a_folder_in_use_is_left_alone(study: Path) -> None:
    """Nothing is written over what is there."""
    with pytest.raises(ArtifactError, match="is not empty: name another folder"):
        main(["export", *reading(study), "--out", str(study)])
    assert (study / "episodes.parquet").exists()


def test_episodes_without_instances_are_named(study: Path) -> None:
    """An instance that the file lacks is one sentence."""
    path = study / "episodes.parquet"
    write_episodes(path, [replace(one, instance_id="x") for one in read_episodes(path)])
    with pytest.raises(ArtifactError, match="no instance x of taboo"):
        main(["rescore", *reading(study)])


@pytest.mark.parametrize(
    "odd",
    [
        {"players": {"a": "b"}},
        {"turns": [Turn("describer", "", "", kind="x")]},
        {"game": "tabu"},
    ],
    ids=str,
)
def test_what_is_no_episode_is_named(odd: dict[str, object], study: Path) -> None:
    """Other roles, kinds of turns or games are one sentence, before any is judged."""
    path = study / "episodes.parquet"
    write_episodes(path, [replace(read_episodes(path)[0], **odd)])
    with pytest.raises(StudyError, match=r"has other roles or turns|no instance"):
        main(["rescore", *reading(study)])


def test_judged_again_nothing_changes(
    study: Path, capsys: pytest.CaptureFixture
) -> None:
    """Our own episodes have the same scores before and after, and are kept whole."""
    again = study / "again.parquet"
    main(["rescore", *reading(study), "--out", str(again)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[2:]] == [
        ["taboo", "as"],
        ["wordle", "as"],
        ["all", "5"],
    ]
    for line in lines[2:]:
        numbers = line.split()[-6:]
        assert numbers[::2] == numbers[1::2]
    ours = read_episodes(study / "episodes.parquet")
    assert repr(read_episodes(again)) == repr(ours)


def test_episodes_judged_by_other_rules_can_be_exported(study: Path) -> None:
    """Their instances, which say by which rules, are written beside them."""
    again = study / "again.parquet"
    main(["rescore", *reading(study), "--rules", "v3", "--out", str(again)])
    instances = study / "again-instances.parquet"
    read = read_instances(instances, games=[])
    assert {one.data["rules"] for one in read} == {"v3"}
    options = ["--episodes", str(again), "--instances", str(instances)]
    main(["export", *options, "--out", str(study / "results")])
    assert len(list((study / "results").rglob("scores.json"))) == len(played()[0])


def test_an_episode_that_cannot_be_read_stops_no_other(
    study: Path, capsys: pytest.CaptureFixture
) -> None:
    """It is named, also where its transcript is missing; the exit code says so."""
    folder, back = study / "results", study / "back.parquet"
    main(["export", *reading(study), "--out", str(folder)])
    damaged, missing, *others = sorted(folder.rglob("interactions.json"))
    damaged.write_text("{")
    missing.unlink()
    capsys.readouterr()

    with pytest.raises(ArtifactError, match="2 episodes could not be read") as error:
        main(["import", str(folder), "--out", str(back)])

    assert str(damaged) in str(error.value) and str(missing) in str(error.value)
    assert len(read_episodes(back)) == len(others)
    lines = capsys.readouterr().out.splitlines()
    counted = [int(line.split()[1]) for line in lines if line[:5] in ("taboo", "wordl")]
    assert sum(counted) == len(others)


def test_rules_that_a_game_does_not_have_are_told(
    study: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for v3 is not told v2 without a word."""
    taboo = GAMES["taboo"]
    old = replace(taboo, spec=replace(taboo.spec, rules=("v2",)))
    monkeypatch.setitem(GAMES, "taboo", old)
    main(["rescore", *reading(study), "--rules", "v3"])
    printed = capsys.readouterr().out
    rows = {line.split()[0]: line for line in printed.splitlines() if line.strip()}
    assert rows["taboo"].split()[1:3] == ["v2", "only"]
    assert rows["wordle"].split()[1] == "v3"
    assert "only: clembench has no rules v3 of that game, or the same" in printed


def test_what_decides_nothing_is_counted(
    study: Path, capsys: pytest.CaptureFixture
) -> None:
    """Where more had to be said, the episode has no outcome, and is named."""
    path = study / "episodes.parquet"
    ours = read_episodes(path)
    short = replace(ours[0], turns=ours[0].turns[:-1])
    aborted = replace(ours[1], outcome="aborted", main_score=math.nan)
    write_episodes(path, [short, aborted, *ours[2:]])

    main(["rescore", *reading(study), "--rules", "v3", "--json"])
    found = json.loads(capsys.readouterr().out)
    main(["rescore", *reading(study)])
    printed = capsys.readouterr().out

    assert found["not decided by what was said"] == {"taboo": [short.instance_id]}
    assert found["before"]["per_game"]["taboo"]["played"] == 50
    assert found["after"]["per_game"]["taboo"]["played"] == 100
    assert found["rules"].keys() == {"taboo", "wordle"}
    assert f"taboo {short.instance_id}: not decided by what was said" in printed
