"""A stage that is killed at any moment ends, rerun, with the bytes of a quiet run."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stages.common.keys import fingerprint

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the study on a tiny model, ready for self-play and SFT."""
    folder = tmp_path_factory.mktemp("kill")
    for name in ("games", "stages", "pipeline"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("params.yaml", "dvc.yaml", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    stage(folder, "pipeline.presets", "smoke")
    text = (folder / "params.yaml").read_text()
    replaced = {
        "learner: warmup/formats": "learner: base",
        "start: warmup/formats": "start: base",
        "shard_size: 8": "shard_size: 2",
        "save_steps: 10": "save_steps: 1",
        "batch_size: 64": "batch_size: 1",
    }
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "params.yaml").write_text(text)
    stage(folder, "stages.packages")
    stage(folder, "stages.base")
    for part in ("held_in", "held_out"):
        stage(folder, "stages.games", "--part", part)
    for split in ("train", "validation", "test", "held_out"):
        stage(folder, "stages.instances", "--split", split)
    return folder


def stage(folder: Path, *command: str) -> str:
    """Run a module in the study; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def killed(folder: Path, pattern: str, *command: str) -> None:
    """Run a module and kill -9 it as soon as a scratch file of this pattern exists."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while process.poll() is None and not list((folder / "scratch").rglob(pattern)):
        pass
    assert process.poll() is None, "the stage was over before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def forget(folder: Path, *outputs: str) -> None:
    """Delete outputs and all scratch files, as on another machine."""
    for path in (*outputs, "scratch"):
        if (folder / path).is_dir():
            shutil.rmtree(folder / path)


def tokens(folder: Path, made: str) -> dict[str, int]:
    """Return what an artifact cost in tokens."""
    cost = json.loads((folder / f"data/costs/{made}.json").read_text())
    return {name: cost[name] for name in cost if name.endswith("tokens")}


def shards(folder: Path, name: str) -> list[Path]:
    """Return the files that are left in scratch of what was played."""
    return [p for p in (folder / "scratch" / name).rglob("*") if p.is_file()]


@pytest.mark.slow
def test_selfplay_play_and_sft_survive_kill_9(study: Path) -> None:
    """Episodes, weights and curve are those of an undisturbed run, and it says so."""
    stage(study, "stages.selfplay")
    quiet = fingerprint(study / "data/selfplay"), tokens(study, "selfplay")
    assert not shards(study, "selfplay")
    forget(study, "data/selfplay")
    killed(study, "00002-of-*.parquet", "stages.selfplay")
    assert shards(study, "selfplay")
    assert "resuming selfplay: " in stage(study, "stages.selfplay")
    assert (fingerprint(study / "data/selfplay"), tokens(study, "selfplay")) == quiet
    assert not shards(study, "selfplay")

    play = ("stages.play", "--lineup", "self", "--policy", "base")
    stage(study, *play)
    quiet = fingerprint(study / "data/play"), tokens(study, "play/self/base")
    forget(study, "data/play")
    killed(study, "00001-of-*.parquet", *play)
    assert shards(study, "play")
    assert "resuming play/self/base: " in stage(study, *play)
    assert (fingerprint(study / "data/play"), tokens(study, "play/self/base")) == quiet
    assert not shards(study, "play")

    sft = ("stages.sft", "--start", "base", "--variant", "sft", "--seed", "0")
    outputs = ("data/sft", "data/curves")
    stage(study, "stages.demonstrations")
    stage(study, *sft)
    trained = [fingerprint(study / path) for path in outputs]
    cost = tokens(study, "sft/sft/0")
    forget(study, *outputs)
    killed(study, "checkpoint-2/whole", *sft)
    assert "resuming from step" in stage(study, *sft)
    assert [fingerprint(study / path) for path in outputs] == trained
    assert tokens(study, "sft/sft/0") == cost
