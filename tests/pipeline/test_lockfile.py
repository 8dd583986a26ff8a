"""dvc.lock is the same file, whoever reads and writes it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.dvcfile import Lockfile
from dvc.repo import Repo
from dvc.utils.serialize import dumps_yaml, parse_yaml, parse_yaml_for_update
from ruamel.yaml import YAML

from pipeline.lockfile import (
    HEAD,
    Loader,
    keep_to_one_stage,
    parse_lock_quickly,
    replace_stage,
)

# DVC itself uses what its library deprecates
pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
LOCK = (Path(__file__).parents[2] / "dvc.lock").read_text(encoding="utf-8")
ODD = {
    "rate": 1e-05,
    "whole": [1.0e3, 10, -1, 0, 1e300, float("inf")],
    "texts": [
        "on",
        "1e-05",
        "010",
        "0x1f",
        "1:30",
        "",
        "null",
        "~",
        "a: b",
        "2020-01-01",
    ],
    "lines": "two\nlines\n\nand more",
    "long": "word " * 40,
    "none": None,
    "true": [True, False],
    "empty": [{}, []],
    "ünï": "çode",
}
LONG = "grpo@" + "x" * 140 + "-a-0"


def update_as_dvc(text: str, entry: dict[str, Any]) -> str:
    """Record a stage as DVC does: parse all, change one, write all."""
    content = parse_yaml_for_update(text, "dvc.lock")
    content["stages"].update(entry)
    file = YAML()
    file.default_flow_style = False
    stream = io.StringIO()
    file.dump(content, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "name", ["packages", "warmup@formats", "report", "new@a/b-0", LONG]
)
def test_a_stage_is_recorded_as_dvc_records_it(name: str) -> None:
    """The first, the middle, the last and a new stage: the same bytes, twice over."""
    entry = {name: {"cmd": "python", "params": {"params.yaml": ODD}}}
    once = replace_stage(LOCK, entry)
    assert once == update_as_dvc(LOCK, entry)
    entry[name]["cmd"] = "another"
    assert replace_stage(once, entry) == update_as_dvc(once, entry)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "schema: '2.0'\nstages: {}\n",
        LOCK.removesuffix("\n"),
        LOCK + "datasets: []\n",
        LOCK.replace("  base:\n", "<<<<<<< mine\n  base:\n"),
        "# mine\n" + LOCK,
    ],
)
def test_another_text_is_left_to_dvc(text: str) -> None:
    """An empty file, more sections, a merge: nothing is guessed."""
    assert not replace_stage(text, {"base": {"cmd": "python"}})


@pytest.mark.parametrize("text", [LOCK, dumps_yaml(ODD), "[010, 0o17, 0b11, 1_000]"])
def test_libyaml_reads_what_dvc_reads(text: str) -> None:
    """Numbers, texts that look like numbers, and the whole of dvc.lock."""
    assert yaml.load(text, Loader) == parse_yaml(text, "dvc.lock")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repo]:
    """A repository of two stages that DVC has recorded."""
    monkeypatch.chdir(tmp_path)
    Path("dvc.yaml").write_text("stages:\n  a: {cmd: echo a}\n  b: {cmd: echo b}\n")
    with Repo.init(".", no_scm=True) as made:
        made.reproduce()
        yield made


def test_a_job_reads_its_own_stage(repo: Repo) -> None:
    """The others are neither parsed nor lost, and a stage that is new comes last."""
    with keep_to_one_stage("b"):
        assert set(Lockfile(repo, "dvc.lock").load()["stages"]) == {"b"}
    with Path("dvc.yaml").open("a") as stages:
        stages.write("  c: {cmd: echo c}\n")
    with keep_to_one_stage("c"):
        repo.reproduce("c", single_item=True)
    expected = {name: {"cmd": f"echo {name}"} for name in "abc"}
    assert Path("dvc.lock").read_text() == dumps_yaml(
        {"schema": "2.0", "stages": expected}
    )
    assert not Path("dvc.lock.tmp").exists()


def test_the_first_job_makes_the_file(repo: Repo) -> None:
    """DVC itself writes where there is nothing yet."""
    Path("dvc.lock").unlink()
    with keep_to_one_stage("a"):
        repo.reproduce("a", single_item=True)
    assert Path("dvc.lock").read_text() == HEAD + "  a:\n    cmd: echo a\n"


@pytest.mark.parametrize("text", ["{", "stages: 1\n"])
def test_a_broken_file_gets_the_message_of_dvc(repo: Repo, text: str) -> None:
    """Quick reading changes no complaint."""
    lock = Lockfile(repo, "dvc.lock")
    Path("dvc.lock").write_text(text)
    with pytest.raises(Exception) as own:
        lock.load()
    with parse_lock_quickly(), pytest.raises(type(own.value)) as quick:
        lock.load()
    assert str(quick.value) == str(own.value)
