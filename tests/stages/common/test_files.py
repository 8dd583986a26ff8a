"""Files that are there whole or not at all, and what comes back from them."""

from pathlib import Path

import pytest

from games.contract import Instance, Kind
from games.errors import ArtifactError
from games.session import Turn
from pipeline.params.packages import list_versions
from stages.common import cli
from stages.common.cost import Cost, locate_cost, read_cost
from stages.common.episodes import read_episodes, write_episodes
from stages.common.files import (
    make_whole_file,
    make_whole_folder,
    read_json,
    write_json,
)
from stages.common.instances import read_instances, write_instances
from stages.common.packages import VERSIONS, confirm_packages
from stages.common.seeds import derive_seed
from tests.stages.material import episode
from tests.stages.small import set_params


class Stopped(Exception):
    """Stands for Ctrl-C or a kill."""


def test_a_file_that_is_not_finished_leaves_the_old_one(tmp_path: Path) -> None:
    """Neither the new text nor a temporary file stays."""
    path = tmp_path / "file.txt"
    with make_whole_file(path) as temporary:
        temporary.write_text("old")

    with pytest.raises(Stopped), make_whole_file(path) as temporary:
        temporary.write_text("new, but cut o")
        raise Stopped

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [
        ("file.txt", "old")
    ]


def test_a_folder_that_is_not_finished_leaves_the_old_one(tmp_path: Path) -> None:
    """A finished one replaces it, and leaves nothing of it."""
    path = tmp_path / "policy"
    with make_whole_folder(path) as temporary:
        (temporary / "old.txt").write_text("old")

    with pytest.raises(Stopped), make_whole_folder(path) as temporary:
        (temporary / "new.txt").write_text("new, but cut o")
        raise Stopped
    assert [one.name for one in tmp_path.rglob("*")] == ["policy", "old.txt"]

    with make_whole_folder(path) as temporary:
        (temporary / "new.txt").write_text("new")
    assert [one.name for one in tmp_path.rglob("*")] == ["policy", "new.txt"]


def test_numbers_that_json_does_not_know_are_not_written(tmp_path: Path) -> None:
    """NaN would be read by Python alone."""
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"score": float("nan")})
    assert not list(tmp_path.iterdir())


def test_episodes_come_back_as_they_were(tmp_path: Path) -> None:
    """Ids, log-probabilities, kinds, players in their order, branches."""
    turns = ("guesser", "clue", "dog"), ("describer", "guess", "cat")
    whole = episode(*turns, players={"guesser": "b", "describer": "a"}, seed=2**62)
    whole.turns[0] = Turn("guesser", "clue", "dog", [5, 6], [-0.5, -1.25], Kind.GIVEN)
    branch = episode(*turns, outcome="lose", branch=1, sample=3, main_score=12.5)

    write_episodes(tmp_path / "a.parquet", [whole, branch])
    read = read_episodes(tmp_path / "a.parquet")

    assert read == [whole, branch]
    assert list(read[0].players) == ["guesser", "describer"]


def test_instances_come_back_as_they_were(tmp_path: Path) -> None:
    """In the order of the file; of the games that are asked for, or of all."""
    instances = [
        Instance(game, "v", f"{game}-{number}", {"number": number, "text": "ü"})
        for number in range(2)
        for game in ("taboo", "guesswhat")
    ]
    write_instances(tmp_path / "a.parquet", instances)

    assert read_instances(tmp_path / "a.parquet", games=[]) == instances
    taboo = read_instances(tmp_path / "a.parquet", games=["taboo"])
    assert taboo == instances[::2]


def test_a_seed_is_of_its_parts_and_fits_a_column() -> None:
    """Parts are told apart, in their order; the seed is a positive 64-bit number."""
    parts = [("a", 1, 12), ("a", 11, 2), ("a", 12, 1), ("a1", 12), ("a",)]
    seeds = {derive_seed(*part) for part in parts}

    assert len(seeds) == len(parts)
    many = [derive_seed("many", number) for number in range(200)]
    assert 2**61 < max(many) < 2**63
    assert min(many) >= 0


def test_costs_add_up_but_for_the_memory(project: Path) -> None:
    """The most memory of both counts, and a cost that was not kept is none."""
    one = Cost(1, 2, 3, 4, seconds=0.5, peak_memory_mb=10)
    other = Cost(10, 20, 30, 40, seconds=1.0, peak_memory_mb=7)

    both = one + other
    both.write(locate_cost("play/base"))

    assert both == Cost(11, 22, 33, 44, seconds=1.5, peak_memory_mb=10)
    assert read_cost(Path("data/costs/play/base.json")) == both
    assert read_cost(Path("data/costs/play/other.json")) == Cost()


def test_another_version_of_a_package_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is run by DVC computes with what was written down."""
    set_params()
    write_json(VERSIONS, list_versions())
    confirm_packages()
    write_json(VERSIONS, list_versions() | {"torch": "0.1"})
    with pytest.raises(ArtifactError, match=r"torch .* is installed.* saw 0\.1"):
        confirm_packages()

    done: list[str] = []
    monkeypatch.setenv("DVC_STAGE", "packages")
    cli.run(lambda: done.append("packages"))
    monkeypatch.delenv("DVC_STAGE")
    cli.run(lambda: done.append("by hand"))
    monkeypatch.setenv("DVC_STAGE", "sft@sft-0")
    with pytest.raises(SystemExit, match="error: torch"):
        cli.run(lambda: done.append("sft"))
    assert done == ["packages", "by hand"]


def test_versions_do_not_tell_the_device() -> None:
    """What is built for a CPU and for a GPU has one version."""
    versions = list_versions()

    assert versions["torch"].startswith("2.")
    assert not any("+" in version for version in versions.values())


def test_damaged_json_is_one_sentence(tmp_path: Path) -> None:
    """As is a file that is not there."""
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ArtifactError, match=r"a\.json is not valid JSON: delete it"):
        read_json(tmp_path / "a.json")
    with pytest.raises(ArtifactError, match=r"b\.json is missing: run `dvc repro`"):
        read_json(tmp_path / "b.json")
