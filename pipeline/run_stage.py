"""Run one stage: `dvc repro --single-item STAGE`, as the Snakefile's rules do.

How to run: `python -m pipeline.run_stage STAGE`, e.g. `sft@sft-0`.

Four things differ from the bare command. The stage's dependencies are recorded as they
were when it started: DVC hashes them again afterwards, so that a parameter edited
during a long training would go down as what the policy was trained with. And numeric
libraries are held to `compute.threads`, because several stages run side by side. Each
job has a GPU of its own. And nobody is told to push who has no remote.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from dvc.cli import main
from dvc.config import Config
from dvc.stage import Stage
from dvc.ui import ui

from games.errors import StudyError
from pipeline.conflicts import refuse_conflicts
from pipeline.gpus import STAGES, VISIBLE, hold_gpu, list_gpus
from pipeline.leftovers import remove_leftovers
from pipeline.lockfile import keep_to_one_stage
from pipeline.params.machine import check_compute
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


@contextmanager
def leave_out_push() -> Iterator[None]:
    """Leave out DVC's advice to push, in this context, if there is no remote."""
    write = ui.write

    def write_rest(*objects: object, **options: object) -> None:
        if Config().get("remote") or "dvc push" not in " ".join(map(str, objects)):
            write(*objects, **options)

    with patch.object(ui, "write", write_rest):
        yield


def run_stage(stage: str) -> int:
    """Run a stage if its contents call for it, record it, and return the exit code."""
    refuse_conflicts()
    params = load_params()
    # on the machine that runs the job, and before DVC removes what is there
    check_compute(params, {stage.partition("@")[0]})
    if stage == "report":
        remove_leftovers(params)
    for name in THREADS:
        os.environ[name] = str(params.compute.threads)
    here = Path(sys.executable).parent
    os.environ["PATH"] = f"{here}{os.pathsep}{os.environ['PATH']}"
    record_dependencies_once()
    is_on_gpu = params.compute.device == "cuda" and stage.partition("@")[0] in STAGES
    gpus = list_gpus() if is_on_gpu else []
    with (
        hold_gpu(gpus, jobs=params.compute.jobs_per_gpu) as gpu,
        keep_to_one_stage(stage),
        leave_out_push(),
    ):
        if gpu is not None:
            os.environ[VISIBLE] = gpu
        return main(["--wait-for-lock", "repro", "--single-item", stage])


if __name__ == "__main__":
    try:
        sys.exit(run_stage(sys.argv[1]))
    except StudyError as error:
        sys.exit(f"error: {error}")
