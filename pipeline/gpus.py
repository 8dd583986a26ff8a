"""A GPU of its own for each job: whoever runs one holds it until the job is over.

`snakemake --resources gpu=4 -c8` lets four jobs use the GPUs at once. Each takes the
first one that no other job of this user holds on this machine, and sees no other
(CUDA_VISIBLE_DEVICES). On a cluster a job sees the GPUs that it was given, and takes
the first of those. Small models leave most of a large GPU unused: as many jobs as
`compute.jobs_per_gpu` says share one.
"""

import fcntl
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"
STAGES = {"warmup", "selfplay", "sft", "dpo", "grpo", "play", "benchmarks"}
"""Stages that compute on a GPU, if `compute.device` says so."""
_WAIT = 0.5
"""Seconds between two looks for a free GPU."""


def list_gpus() -> list[str]:
    """List the GPUs that this process may use, by the names that CUDA takes."""
    if VISIBLE in os.environ:
        return [one for one in os.environ[VISIBLE].split(",") if one]
    query = ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.split() if done.returncode == 0 else []


@contextmanager
def hold_gpu(
    gpus: Sequence[str], folder: Path | None = None, *, jobs: int = 1
) -> Iterator[str | None]:
    """Hold one of some GPUs, the first that becomes free; None if there are none.

    Whoever dies lets go of it.

    Args:
        gpus: as `list_gpus` lists them.
        folder: where the locks are; None: this user's on this machine.
        jobs: that may hold one GPU at once; those that nobody holds are taken first.
    """
    if not gpus:
        yield None
        return
    place = folder or Path(tempfile.gettempdir(), f"study-gpus-{os.getuid()}")
    place.mkdir(parents=True, exist_ok=True)
    while True:
        for number, gpu in product(range(jobs), gpus):
            name = f"{gpu.replace('/', '-')}.{number}"
            with (place / name).open("w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield gpu
                return
        time.sleep(_WAIT)
