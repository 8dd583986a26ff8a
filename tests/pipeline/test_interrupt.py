"""Ctrl-C before a stage has begun ends as calmly as it does later on."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(code: str) -> "subprocess.CompletedProcess[str]":
    """Run Python code in the root of the project."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("package", ["stages", "pipeline"])
def test_ctrl_c_during_imports_is_one_sentence(package: str) -> None:
    """No traceback, the sentence of `stages.common.cli`, and exit code 130."""
    done = run(f"import {package}; raise KeyboardInterrupt")
    assert done.returncode == 130
    said = done.stderr
    assert said == "stopped: what is finished is kept, run again to go on\n"
    assert said.strip() in (ROOT / "stages/common/cli.py").read_text()


def test_any_other_error_keeps_its_traceback() -> None:
    """A mistake in the code is shown in full."""
    done = run("import stages; 1 / 0")
    assert done.returncode == 1
    assert "Traceback" in done.stderr and "ZeroDivisionError" in done.stderr


def test_no_stage_depends_on_the_packages_that_do_it() -> None:
    """A change in them makes no stage outdated."""
    graph = (ROOT / "dvc.yaml").read_text()
    for name in ("pipeline", "stages", "stages/__init__.py"):
        assert f"[{name}," not in graph and f" {name}," not in graph
