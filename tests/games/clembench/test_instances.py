"""Clembench's instance files are read as they are."""

import json
from pathlib import Path

import pytest

from games.checks.conformance import make_instances
from games.clembench.instances import read_instances
from games.errors import InstanceError
from games.registry import GAMES
from tests.games.oracle import original

VERSIONS = {
    "taboo": {"v2.0": 60, "v0.9": 30, "v1.6": 60},
    "imagegame": {"v2.0": 59, "v1.0": 40},
    "referencegame": {"v2.0": 90, "v1.6": 180, "v0.9": 36, "v1.0": 40},
    "wordle": {"v2.0": 30, "v1.6": 30, "v1.0": 30},
    "wordle_withclue": {"v2.0": 30, "v1.6": 30},
    "wordle_withcritic": {"v2.0": 30},
    "privateshared": {
        "v2.0": 50,
        "v0.9": 20,
        "v0.9extended": 30,
        "v1.0": 50,
        "v1.6": 50,
    },
    "guesswhat": {"v2.0": 60},
    "codenames": {"v2.0": 130},
    "matchit_ascii": {"v2.0": 40},
    "textmapworld": {"v2.0": 50},
    "textmapworld_graphreasoning": {"v2.0": 30},
    "textmapworld_specificroom": {"v2.0": 30},
    "adventuregame": {"v2.0": 128},
    "dond": {"v2.0": 40},
    "clean_up": {"v2.0": 27},
    "air_balloon_survival": {"v2.0": 36},
}
WITHOUT_PROMPTS = {"codenames"}
EARLY_PROMPTS = {"taboo"}
"""Whose prompts before v1.6 asked for today's format."""
LAYOUT = {"experiments": [{"name": "v", "game_instances": [{"game_id": 3}]}]}


def write(checkout: Path, text: str) -> None:
    """Write an instances file of taboo."""
    (checkout / "taboo" / "in").mkdir(parents=True)
    (checkout / "taboo" / "in" / "instances.json").write_text(text)


@pytest.mark.parametrize(("game", "versions"), VERSIONS.items())
def test_the_benchmark_is_played_with_its_own_prompts(
    game: str, versions: dict
) -> None:
    """Every instance has its own name and a master, which shows their prompt if any."""
    own = make_instances(GAMES[game], "test", seed=0)[0]
    for version, number in versions.items():
        read = original(game, version)
        assert len({one.instance_id for one in read}) == len(read) == number
        prompts = {GAMES[game].master(one).observe()[:40] for one in read}
        theirs = game not in WITHOUT_PROMPTS and version not in ("v0.9", "v1.0")
        if theirs or game in EARLY_PROMPTS:
            assert not prompts & {GAMES[game].master(own).observe()[:40]}


def test_an_instance_is_named_by_version_and_place(tmp_path: Path) -> None:
    """Its own id is not used: early versions repeat it."""
    write(tmp_path, json.dumps(LAYOUT))
    (one,) = read_instances(tmp_path, "taboo", "v2.0")
    assert (one.variant, one.instance_id) == ("v", "v-v2.0-0000")


@pytest.mark.parametrize("text", ["[", "{}", "[]", '{"experiments": [{}]}'])
def test_another_layout_is_refused(tmp_path: Path, text: str) -> None:
    """A file that is no instances file is one sentence."""
    write(tmp_path, text)
    with pytest.raises(InstanceError, match="not laid out"):
        read_instances(tmp_path, "taboo", "v2.0")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A wrong path says what is looked for."""
    with pytest.raises(InstanceError, match="name a folder"):
        read_instances(tmp_path, "taboo", "v2.0")
    with pytest.raises(InstanceError, match="nowhere: clone clembench to there"):
        read_instances(tmp_path / "nowhere", "taboo", "v2.0")


def test_a_file_of_the_version_comes_before_one_of_none(tmp_path: Path) -> None:
    """In a newer checkout, the file without a version may be a newer one."""
    write(tmp_path, json.dumps(LAYOUT))
    (tmp_path / "taboo" / "in" / "instances_v2.0.json").write_text(
        json.dumps({"experiments": [LAYOUT["experiments"][0] | {"name": "newer"}]})
    )
    (read,) = read_instances(tmp_path, "taboo", "v2.0")
    assert read.variant == "newer"
