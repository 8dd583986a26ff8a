"""The stage `games`: what counts as the code of a study's games."""

import shutil
import sys
from pathlib import Path

import pytest

from games.code import hash_code
from games.errors import ArtifactError
from pipeline.params.read import load_params
from stages.common import games as common
from stages.common.files import read_json, write_json
from stages.common.games import confirm_code, locate_code
from stages.games.__main__ import main

ROOT = Path(__file__).parents[2]
NAMES = ["taboo", "guesswhat"]


@pytest.mark.parametrize("part", ["held_in", "held_out"])
def test_the_games_of_the_study_are_checked_and_named(
    project: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stage passes on what is committed, and names no game but the study's."""
    shutil.copy(ROOT / "params.yaml", project)
    monkeypatch.setattr(sys, "argv", ["games", "--part", part])

    main()

    played = load_params().games
    assert set(read_json(locate_code(part))) == set(played.of(part))


@pytest.fixture
def code(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of games/ whose code the stage has written down."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "games", project / "games", ignore=skip)
    monkeypatch.setattr(
        common,
        "hash_code",
        lambda names, bridges: hash_code(names, project, bridges=bridges),
    )
    write_json(locate_code("held_in"), hash_code(NAMES, project))
    return project / "games"


@pytest.mark.parametrize(
    "edited",
    [
        "registry.py",
        "taboo/README.md",
        "imagegame/rules.py",
        "kit/grids.py",
        "guesswhat/draft.py",
        "taboo/clembench.py",
        "newgame/rules.py",
        "helper.py",
    ],
)
def test_what_the_study_does_not_play_changes_nothing(code: Path, edited: str) -> None:
    """Other games and what only they import, new ones, the list, what people read."""
    (code / edited).parent.mkdir(exist_ok=True)
    with (code / edited).open("a") as file:
        file.write("\n")

    confirm_code("held_in", NAMES)


@pytest.mark.parametrize(
    ("edited", "named"),
    [
        ("taboo/rules.py", "taboo was"),
        ("taboo/prompts/describer.txt", "taboo was"),
        ("guesswhat/__init__.py", "guesswhat was"),
        ("session.py", "taboo, guesswhat was"),
        ("contract.py", "taboo, guesswhat was"),
        ("kit/lexicon/words.json", "taboo, guesswhat was"),
        ("kit/lexicon/text.py", "taboo, guesswhat was"),
    ],
)
def test_what_the_study_plays_is_confirmed(code: Path, edited: str, named: str) -> None:
    """Whoever plays with other code than was checked is stopped."""
    with (code / edited).open("a") as file:
        file.write("\n")

    with pytest.raises(ArtifactError, match=f"code of {named} edited"):
        confirm_code("held_in", NAMES)


def test_a_game_that_was_not_checked_is_named(code: Path) -> None:
    """A game that params.yaml names since then has to be checked first."""
    with pytest.raises(ArtifactError, match="imagegame was edited"):
        confirm_code("held_in", [*NAMES, "imagegame"])


def test_without_the_stage_nobody_plays(project: Path) -> None:
    """A missing file says what to run."""
    with pytest.raises(ArtifactError, match="dvc"):
        confirm_code("held_in", NAMES)
