"""A stage depends on what its code imports: neither less nor more."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.dependencies import NOTHING, find_files, find_packages, fold_files, mend
from pipeline.params.packages import PACKAGES

ROOT = Path(__file__).parents[2]
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
LISTED = {name: entry.get("do", entry) for name, entry in STAGES.items()}


@pytest.mark.parametrize("stage", LISTED)
def test_dvc_yaml_lists_what_a_stage_imports(stage: str) -> None:
    """A missing dependency would hide a change, a needless one rerun for nothing."""
    entry = {
        "deps": [*LISTED[stage]["deps"]],
        "params": LISTED[stage].get("params", []),
    }
    before = {"deps": sorted(entry["deps"]), "params": list(entry["params"])}

    mend(entry, stage)

    mended = {"deps": sorted(entry["deps"]), "params": list(entry["params"])}
    assert mended == before, "run `python -m pipeline.dependencies --write`"


PROBE = """
import runpy, sys
sys.argv = ["stage"]
try:
    runpy.run_module("stages.{stage}", run_name="imported")
except SystemExit:
    pass
tops = "games", "pipeline", "stages"
print(*(name for name in sys.modules if name.partition(".")[0] in tops))
"""


def imported(stage: str) -> Iterator[str]:
    """Yield the modules that are really loaded when a stage is."""
    code = PROBE.format(stage=stage)
    command = [sys.executable, "-c", code]
    yield from subprocess.check_output(command, cwd=ROOT, text=True).split()


@pytest.mark.parametrize("stage", ["instances", "preferences", "sft", "play"])
def test_what_python_loads_is_what_is_derived(stage: str) -> None:
    """Python itself imports no module of a stage that the derivation does not know."""
    known = {path.as_posix() for path in find_files(stage)}
    for module in imported(stage):
        path = Path(*module.split("."))
        file = path.with_suffix(".py")
        file = file if (ROOT / file).exists() else path / "__init__.py"
        parts = module.split(".")
        above = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
        is_game = (ROOT / "games" / parts[1] / "master.py").exists() if parts[1:] else 0
        behind = {"games.kit", "games.registry", "games.code", "games.scoring"}
        if above & NOTHING.keys() or is_game or above & behind or module == "stages":
            continue  # decides nothing, or stands behind data/games
        empty = file.name == "__init__.py"
        assert file.as_posix() in known or empty, f"{stage} loads {module}"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the code to add something to."""
    skip = shutil.ignore_patterns("__pycache__", "presets", "profiles")
    for name in ("games", "pipeline", "stages"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skip)
    return tmp_path


def test_a_new_import_is_a_new_dependency(house: Path) -> None:
    """Also one inside a function, of a package's module, and what that imports."""
    before = set(fold_files(find_files("leakage", house), house))
    path = house / "stages/leakage/audit.py"
    late = "\n\ndef later():\n    import stages.common.chat\n"
    path.write_text(path.read_text() + late)

    after = set(fold_files(find_files("leakage", house), house))

    added = {"stages/common/chat.py", "stages/common/dates.py"}
    assert after - before == added
    assert "jinja2" in find_packages("leakage", [], house)
    assert "jinja2" not in find_packages("leakage")


def test_data_beside_a_module_counts_and_what_people_read_does_not(house: Path) -> None:
    """The paper's numbers are read by the report; a README decides nothing."""
    (house / "stages/report/README.md").write_text("read me")
    assert Path("stages/report/paper.yaml") in find_files("report", house)
    assert Path("stages/report/README.md") not in find_files("report", house)


def test_a_folder_stands_for_its_files_only_if_all_are_needed(house: Path) -> None:
    """A module that nobody imports takes the folder apart."""
    assert "stages/playing" in fold_files(find_files("selfplay", house), house)
    (house / "stages/playing/draft.py").write_text("DRAFT = 1\n")
    fold_files.__globals__["_find_all"].cache_clear()
    named = fold_files(find_files("selfplay", house), house)
    assert "stages/playing" not in named
    assert "stages/playing/table.py" in named


def test_every_package_that_decides_is_some_stages() -> None:
    """A version that no stage depends on would be written down for nothing."""
    used = {
        name for stage in LISTED for name in find_packages(stage, LISTED[stage]["deps"])
    }
    assert used == set(PACKAGES)


def test_what_decides_nothing_is_there_and_has_a_reason() -> None:
    """An exception for a module that has moved would hide another one."""
    for module, reason in NOTHING.items():
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or path.is_dir(), module
        assert reason
