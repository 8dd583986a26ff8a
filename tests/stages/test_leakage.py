"""The audit of splits: what is counted, and what stops the study."""

from pathlib import Path

import pytest

from games.contract import Instance
from games.errors import ArtifactError, InstanceError
from games.registry import GAMES
from stages.common.files import read_json, write_json
from stages.common.games import locate_code
from stages.common.instances import locate_instances, read_instances, write_instances
from stages.leakage.audit import audit
from tests.stages.small import run_stage, set_params, write_inputs

AUDIT = Path("data/leakage/audit.json")


@pytest.fixture(autouse=True)
def study(project: Path) -> None:
    """Work in a small study whose splits share nothing."""
    set_params()
    write_inputs()


def leak(source: str, target: str) -> None:
    """Put the first taboo instance of a split into another one as well."""
    found = read_instances(locate_instances(source), games=["taboo"])[:1]
    found += read_instances(locate_instances(target), games=[])
    write_instances(locate_instances(target), found)


def test_splits_that_share_nothing_pass() -> None:
    """The audit names every pair of splits of every trained game."""
    run_stage("leakage")

    found = read_json(AUDIT)
    pairs = {"train-validation", "train-test", "validation-test"}
    assert {game: set(overlap) for game, overlap in found.items()} == {
        "taboo": pairs,
        "referencegame": pairs,
    }
    counts = [
        n for game in found.values() for pair in game.values() for n in pair.values()
    ]
    assert set(counts) == {0}


@pytest.mark.parametrize(
    ("source", "target"),
    [("train", "test"), ("validation", "test"), ("train", "validation")],
)
def test_a_shared_instance_stops_the_study(source: str, target: str) -> None:
    """Whichever two splits share it."""
    leak(source, target)

    with pytest.raises(InstanceError, match=f"taboo instances.*{source}-{target}"):
        run_stage("leakage")


def test_a_game_may_be_let_off() -> None:
    """What it shares is counted; other games are still refused."""
    leak("train", "test")
    set_params(leakage__may_overlap=["taboo"])
    run_stage("leakage")
    shared = read_json(AUDIT)["taboo"]["train-test"]
    assert shared == {"exact": 1, "normalised": 1, "target": 1}

    set_params(leakage__may_overlap=["referencegame"])
    with pytest.raises(InstanceError, match="taboo"):
        run_stage("leakage")


def test_three_ways_of_being_the_same() -> None:
    """To the letter; but for case and blanks; by the target alone."""
    word = {"target_word": "owl", "related_word": ["bird"]}
    others = {
        "exact": word,
        "normalised": word | {"related_word": ["BI RD"]},
        "target": word | {"related_word": ["night"]},
    }
    train = [Instance("taboo", "high", "1", word)]
    found = {}
    for name, data in others.items():
        test = [Instance("taboo", "high", "2", data)]
        splits = {"train": train, "validation": [], "test": test}
        counts = audit(GAMES["taboo"], splits)["train-test"]
        found[name] = [view for view, count in counts.items() if count]

    assert found == {
        "exact": ["exact", "normalised", "target"],
        "normalised": ["normalised", "target"],
        "target": ["target"],
    }


def test_edited_code_of_a_game_is_refused() -> None:
    """The code at hand has to be what the stage `games` saw."""
    write_json(locate_code("held_in"), {})

    with pytest.raises(ArtifactError, match="edited"):
        run_stage("leakage")
