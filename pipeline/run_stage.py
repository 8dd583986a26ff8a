"""Run one stage: `dvc repro --single-item STAGE`, as the Snakefile's rules do.

How to run: `python -m pipeline.run_stage STAGE`, e.g. `sft@sft-0`.

Two things differ from the bare command. The stage's dependencies are recorded as they
were when it started: DVC hashes them again afterwards, so that a parameter edited
during a long training would go down as what the policy was trained with. And numeric
libraries are held to `compute.threads`, because several stages run side by side.
"""

import os
import sys
from pathlib import Path

from dvc.cli import main
from dvc.stage import Stage

from games.errors import ParamsError
from pipeline.leftovers import remove_leftovers
from pipeline.lockfile import keep_to_one_stage
from pipeline.params.read import load_params

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def record_dependencies_once() -> None:
    """Make DVC keep the hashes of the first time it saves a stage's dependencies."""
    save_deps = Stage.save_deps
    saved: set[str] = set()

    def save_deps_once(stage: Stage, allow_missing: bool = False) -> None:
        if stage.addressing not in saved:
            save_deps(stage, allow_missing=allow_missing)
            saved.add(stage.addressing)

    Stage.save_deps = save_deps_once


def run_stage(stage: str) -> int:
    """Run a stage if its contents call for it, record it, and return the exit code."""
    params = load_params()
    if stage == "report":
        remove_leftovers(params)
    for name in THREADS:
        os.environ[name] = str(params.compute.threads)
    here = Path(sys.executable).parent
    os.environ["PATH"] = f"{here}{os.pathsep}{os.environ['PATH']}"
    record_dependencies_once()
    with keep_to_one_stage(stage):
        return main(["--wait-for-lock", "repro", "--single-item", stage])


if __name__ == "__main__":
    try:
        sys.exit(run_stage(sys.argv[1]))
    except ParamsError as error:
        sys.exit(f"error: {error}")
