"""The smoke preset runs the whole real chain, and both drivers agree on the result."""

import json
import shutil
import time
from collections import Counter

import pandas as pd
import pytest

from games.registry import GAMES
from stages.common.keys import fingerprint
from tests.games.oracle import CHECKOUT, THEIRS
from tests.pipeline.study import ROOT, Study

HELD_IN = ["taboo", "imagegame", "referencegame"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A clone of the working tree's files, as git would commit them."""
    study = Study(tmp_path_factory.mktemp("smoke") / "study")
    listed = Study(ROOT).run(
        "git", "ls-files", "--cached", "--others", "--exclude-standard"
    )
    for name in listed.splitlines():
        if name == "dvc.lock" or name.startswith("data/") or not (ROOT / name).exists():
            continue
        (study.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, study.folder / name, follow_symlinks=False)
    study.run("git", "init", "-q", "-b", "main")
    study.run("git", "config", "user.name", "test")
    study.run("git", "config", "user.email", "test@example.org")
    study.run("python", "-m", "pipeline.presets", "smoke")
    study.commit("smoke")
    return study


@pytest.mark.slow
def test_the_smoke_preset_runs_the_whole_chain(study: Study) -> None:
    """One test, because each step starts from what the one before has left."""
    began = time.monotonic()
    study.run("snakemake")
    print(f"smoke preset: {time.monotonic() - began:.0f} s")
    assert study.is_quiet()
    assert "didn't change" in study.run("dvc", "repro")
    study.commit("run")

    study.set(grpo__common__beta=0.5)
    assert study.dvc_status() == {"grpo@grpo-0"}
    after = Counter(grpo=1, play=2, benchmarks=1, report=1)
    assert study.snakemake_jobs() == after
    study.run("dvc", "repro")
    assert study.is_quiet()
    study.run("dvc", "metrics", "diff")
    difference = json.loads(study.run("dvc", "params", "diff", "--json"))
    assert difference["params.yaml"]["grpo.common.beta"]["new"] == 0.5
    study.commit("beta")

    study.run("git", "checkout", "-q", "HEAD~1")
    study.run("dvc", "checkout")
    assert study.is_quiet()


@pytest.mark.slow
def test_a_metric_that_changes_is_shown(study: Study) -> None:
    """`dvc metrics diff` prints what a parameter did to the results, on one screen."""
    study.run("git", "checkout", "-q", "-f", "main")
    study.run("dvc", "checkout", "-f")
    study.set(benchmarks__items=3)
    study.run("dvc", "repro")
    shown = study.run("dvc", "metrics", "diff")
    assert "base.benchmarks" in shown
    assert len(shown.splitlines()) < 40


def games_played(study: Study) -> set[str]:
    """Return the games of which the base policy has episodes."""
    file = study.folder / "data/play/self/base/episodes.parquet"
    return set(pd.read_parquet(file, columns=["game"])["game"])


@pytest.mark.slow
def test_every_game_can_be_in_a_study(study: Study) -> None:
    """All games by our generators; then all that clembench has, from its files.

    Nothing is trained: the other tests do that, and it is the same for any game.
    """
    study.run("git", "checkout", "-q", "-f", "main")
    others = [name for name in GAMES if name not in HELD_IN]
    untrained = {f"{name}__variants": [] for name in ("warmup", "sft", "dpo", "grpo")}
    untrained |= {"selfplay__learner": "base", "play__variants": ["self"]}
    games = {"games__held_in": HELD_IN, "games__held_out": others}
    study.set(policies=["base"], **games, **untrained)
    study.run("snakemake")
    assert games_played(study) == set(GAMES)
    assert study.is_quiet()

    if not THEIRS:
        pytest.skip(f"no clembench checkout beside the repository ({CHECKOUT})")
    others = [name for name in others if name in THEIRS]
    study.set(
        games__held_out=others,
        instances__source="clembench",
        instances__clembench__checkout=str(CHECKOUT),
        instances__clembench__sha256=fingerprint(CHECKOUT, "*.json"),
    )
    study.run("snakemake")
    assert games_played(study) == {*HELD_IN, *others}
    assert study.is_quiet()
