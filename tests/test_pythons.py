"""`make` keeps an environment for each Python."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def make(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Ask `make` what it would do, as if no other `make` had started these tests."""
    outer = "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON"
    kept = {name: value for name, value in os.environ.items() if name not in outer}
    command = ["make", "--dry-run", "--always-make", *arguments]
    return subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True)


def test_the_default_python_has_the_plain_name() -> None:
    """`make setup` makes .venv, whatever version it is of."""
    assert "python3 -m venv .venv\n" in make("setup").stdout


def test_another_python_has_environments_of_its_own() -> None:
    """They are named by its version, so that no environment is taken for another."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for target, folder in ("setup", version), ("test-games", f"{version}-games"):
        said = make(target, f"PYTHON={sys.executable}").stdout
        assert f"-m venv .venv-{folder}\n" in said
        assert f"\n.venv-{folder}/bin/python -m pip install" in said
        assert "\n.venv/" not in said


def test_a_python_that_is_not_there_is_refused() -> None:
    """One sentence, and nothing is made."""
    done = make("setup", "PYTHON=python3.0")
    assert done.returncode == 2
    assert "no python3.0 runs on this machine: install it, or" in done.stderr
    assert not done.stdout
