"""Jobs that run at once on a machine of several GPUs each have their own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline import run_stage
from pipeline.gpus import VISIBLE, hold_gpu, list_gpus

ROOT = Path(__file__).parents[2]
FOUR = ["0", "1", "2", "3"]
HOLD = """
import sys, time
from pathlib import Path
from pipeline.gpus import hold_gpu
jobs = int(sys.argv[2])
with hold_gpu(sys.argv[3:], Path(sys.argv[1]), jobs=jobs) as gpu:
    print(gpu, flush=True)
    time.sleep(60)
"""


def start(folder: Path, *gpus: str, jobs: int = 1) -> "subprocess.Popen[str]":
    """Start a job that takes a GPU, with as many others as `jobs`, and keeps it."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), str(jobs), *gpus],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def read(job: "subprocess.Popen[str]") -> str:
    """Wait until a job has its GPU; return which."""
    assert job.stdout is not None
    return job.stdout.readline().strip()


def test_each_job_has_its_own_and_a_dead_one_lets_go(tmp_path: Path) -> None:
    """Four jobs, four GPUs; who comes fifth waits until somebody is gone."""
    jobs = [start(tmp_path, *FOUR) for _ in FOUR]
    try:
        assert sorted(map(read, jobs)) == FOUR
        fifth = start(tmp_path, *FOUR)
        jobs.append(fifth)
        time.sleep(0.3)
        assert fifth.poll() is None
        jobs[0].send_signal(signal.SIGKILL)
        jobs[0].wait()
        with hold_gpu(FOUR[:0], tmp_path) as nothing:
            assert nothing is None
        assert read(fifth) in FOUR
    finally:
        for job in jobs:
            job.kill()
            job.communicate()


def test_jobs_share_a_gpu_where_params_say_so(tmp_path: Path) -> None:
    """Two a GPU: both GPUs before a second job on one; who comes fifth waits."""
    jobs: list[subprocess.Popen[str]] = []
    try:
        seen = []
        for _ in range(4):
            jobs.append(start(tmp_path, "0", "1", jobs=2))
            seen.append(read(jobs[-1]))
        assert seen == ["0", "1", "0", "1"]
        assert all(job.poll() is None for job in jobs), "all hold theirs at once"
        jobs.append(start(tmp_path, "0", "1", jobs=2))
        time.sleep(0.3)
        assert jobs[-1].poll() is None
        jobs[2].kill()
        jobs[2].wait()
        assert read(jobs[-1]) == "0"
    finally:
        for job in jobs:
            job.kill()
            job.communicate()


def test_what_may_be_seen_is_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job of a cluster has some; one that is to see none has none."""
    monkeypatch.setenv(VISIBLE, "2,GPU-5f")
    assert list_gpus() == ["2", "GPU-5f"]
    monkeypatch.setenv(VISIBLE, "")
    assert list_gpus() == []


def test_without_the_driver_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No nvidia-smi is no error."""
    monkeypatch.delenv(VISIBLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list_gpus() == []


@pytest.mark.parametrize(
    ("stage", "device", "seen"),
    [
        ("sft@sft-0", "cuda", "1"),
        ("report", "cuda", "1,3"),
        ("sft@sft-0", "cpu", "1,3"),
    ],
)
def test_a_stage_on_a_gpu_sees_one(
    stage: str, device: str, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other stage is left what it had."""
    params = run_stage.load_params()
    compute = params.compute.model_copy(update={"device": device})
    params = params.model_copy(update={"compute": compute})
    monkeypatch.setattr(run_stage, "load_params", lambda: params)
    monkeypatch.setattr(run_stage, "check_compute", lambda *_: None)
    monkeypatch.setattr(run_stage, "remove_leftovers", lambda _: None)
    monkeypatch.setattr(run_stage, "record_dependencies_once", lambda: None)
    monkeypatch.setenv(VISIBLE, "1,3")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(run_stage, "main", lambda _: os.environ[VISIBLE])

    assert run_stage.run_stage(stage) == seen
