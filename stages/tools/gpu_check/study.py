"""A small study, whole, by Snakemake: `python -m stages.tools.gpu_check.study`.

The smoke preset in a copy of this folder, with `compute.device: cuda` and fewer
policies: every stage but DPO runs on the GPU. Prints a line of JSON.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from games.errors import StudyError
from stages.common.cli import run as run_stage
from stages.tools.gpu_check.found import Figure, tell_all

_MADE = {".git", ".snakemake", "data", "scratch", "logs", "timings", "dvc.lock"}
_OF_DVC = {"config", ".gitignore"}
_POLICIES = ["base", "grpo/grpo/0"]
_AT_ONCE = "4"
"""Tiny models, many jobs."""


def make_study(folder: Path, device: str) -> None:
    """Copy this folder without what was made in it, and choose what is to be run."""

    def leave_out(where: str, names: list[str]) -> set[str]:
        if Path(where) == Path():
            return _MADE | {name for name in names if name.startswith(".venv")}
        if Path(where).name == ".dvc":
            return set(names) - _OF_DVC
        return {"__pycache__"}

    shutil.copytree(".", folder, symlinks=True, ignore=leave_out)
    execute(folder, sys.executable, "-m", "pipeline.presets", "smoke")
    file, yaml = folder / "params.yaml", YAML()
    params = yaml.load(file)
    params["compute"]["device"] = device
    params["policies"] = _POLICIES
    yaml.dump(params, file)
    execute(folder, "git", "init", "--quiet")


def execute(folder: Path, *command: str) -> str:
    """Run a command in a folder; return what it printed.

    Raises:
        StudyError: it failed.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SNAKEMAKE")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=kept | {"PATH": path, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        said = done.stdout.strip()[-2000:]
        raise StudyError(f"{' '.join(command)} failed, read what it said:\n{said}")
    return done.stdout


def run_study(folder: Path, *more: str) -> str:
    """Run the study by Snakemake; return what it printed."""
    jobs = ["--cores", _AT_ONCE, "--resources", f"gpu={_AT_ONCE}"]
    return execute(folder, "snakemake", *jobs, *more)


def measure() -> Iterator[Figure]:
    """Run the whole study on the GPU."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "study"
        make_study(folder, "cuda")
        start = time.perf_counter()
        run_study(folder)
        yield Figure("study", "smoke", round(time.perf_counter() - start), "s")


def main() -> None:
    """Run and print."""
    tell_all("study", measure(), "smoke")


if __name__ == "__main__":
    run_stage(main)
