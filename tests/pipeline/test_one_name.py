"""One name for one thing: a stage is called the same wherever it appears."""

import ast
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
STAGES = {
    name: entry.get("do", entry)
    for name, entry in YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"].items()
}
SECTIONS = YAML(typ="safe").load(ROOT / "params.yaml")
ROOMS = {"common", "training", "engines", "playing", "tools"}
GENERAL = {"preset", "seed", "seeds", "compute", "endpoints", "policies"}
"""Sections that belong to no stage."""
WITHOUT = {"packages"}
"""Stages that read no parameter."""


def test_stages_and_sections_agree() -> None:
    """params.yaml has one section a stage."""
    assert set(SECTIONS) - GENERAL == set(STAGES) - WITHOUT


def test_stages_and_rules_agree() -> None:
    """The Snakefile has one rule a stage, in the order of dvc.yaml."""
    rules = re.findall(r"^rule (\w+):", (ROOT / "Snakefile").read_text(), re.MULTILINE)
    assert rules == ["all", *STAGES]


def test_stages_and_folders_agree() -> None:
    """stages/ has one folder a stage, and what they share."""
    folders = {path.name for path in (ROOT / "stages").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} - ROOMS == set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_its_module_and_writes_its_folder(stage: str) -> None:
    """dvc.yaml's cmd, deps and outs carry the stage's name; costs lie together."""
    rule = STAGES[stage]
    assert f"python -m stages.{stage}" in rule["cmd"]
    assert f"stages/{stage}" in rule["deps"]
    for entry in [*rule["outs"], *rule.get("metrics", []), *rule.get("plots", [])]:
        out = entry if isinstance(entry, str) else next(iter(entry))
        name = out.removeprefix("data/costs/").removeprefix("data/curves/")
        assert name.startswith((f"data/{stage}", stage))


@pytest.mark.parametrize("stage", sorted(STAGES.keys() - WITHOUT))
def test_a_stage_checks_the_parameters_first(stage: str) -> None:
    """A stage that DVC starts stops at once if params.yaml cannot be run."""
    code = ast.parse((ROOT / "stages" / stage / "__main__.py").read_text())
    called = [ast.unparse(n.func) for n in ast.walk(code) if isinstance(n, ast.Call)]
    assert {"load_part", "load_params"} & set(called)
    assert "run" in called


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_only_sections_that_it_declares(stage: str) -> None:
    """A section that is read but not declared would change without a rerun."""
    listed = STAGES[stage].get("params", [])
    declared = {key.partition(".")[0] for key in listed if isinstance(key, str)}
    read = sections_read(ROOT / "stages" / stage)
    assert read or stage in WITHOUT, f"stages/{stage} reads no parameters"
    assert read <= declared | {"compute"}


def sections_read(folder: Path) -> set[str]:
    """Return every `x` of `params.x` in a folder's code."""
    return {
        node.attr
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "params"
    }
