"""A finished study of many policies, made in seconds: no stage has run.

The graph, the parameters and the code are the project's own. The outputs are a few
bytes each, and DVC has recorded them as if the stages had written them.

    python -m stages.tools.graph_speed.study FOLDER POLICIES
"""

import json
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from unittest.mock import patch

import yaml
from dvc.output import Output
from dvc.repo import Repo
from dvc.stage import PipelineStage
from dvc.stage.serialize import to_single_stage_lockfile
from ruamel.yaml import YAML

from games.code import hash_code
from pipeline.once import look_once
from pipeline.params.packages import list_versions
from pipeline.params.plan import FILE as PLAN
from pipeline.params.plan import write_plan
from pipeline.params.read import load_params

ROOT = Path(__file__).parents[3]
COPIED = (
    *("Snakefile", "dvc.yaml", "params.yaml", "requirements.lock", ".dvcignore"),
    *(".gitignore", "games", "pipeline", "stages", "profiles"),
)
METHODS = ("sft", "dpo", "grpo")
SEEDS = 10
IN_PLACE = patch.object(Output, "_checkout")
"""DVC copies outputs into its cache; it need not link them back."""


def make_study(folder: Path, policies: int) -> int:
    """Make a study of so many policies in a new folder; return its number of stages.

    The policies are variants of the three methods, in ten seeds each.
    """
    folder.mkdir(parents=True)
    skip = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, folder / name, ignore=skip)
        else:
            shutil.copy2(source, folder / name, follow_symlinks=False)
    _write_params(folder / "params.yaml", policies)
    git = ("git", "-c", "user.name=speed", "-c", "user.email=speed@example.org")
    subprocess.run((*git, "init", "-q"), cwd=folder, check=True)
    with chdir(folder):
        with Repo.init(".") as repo, repo.config.edit() as config:
            config["core"] |= {"analytics": False, "autostage": False}
        stages = _finish()
    subprocess.run((*git, "add", "-A"), cwd=folder, check=True)
    subprocess.run((*git, "commit", "-qm", "study"), cwd=folder, check=True)
    return stages


def _write_params(path: Path, policies: int) -> None:
    """Name the variants and seeds that make so many policies."""
    file = YAML()
    params = file.load(path)
    seeds = range(min(SEEDS, policies))
    params["seeds"] = list(seeds)
    start = "warmup/formats"
    params["warmup"]["variants"] = ["formats"]
    params["policies"] = []
    variants: dict[str, list[str]] = {method: [] for method in METHODS}
    for number in range(policies // len(seeds)):
        method = METHODS[number % len(METHODS)]
        variants[method].append(f"{method}-{number}")
    for method, names in variants.items():
        params[method]["variants"] = names
        params[method]["overrides"] = {name: {} for name in names}
        params[method]["common"]["start"] = start
        params["policies"] += [f"{method}/{n}/*" for n in names]
    params["play"]["variants"] = ["self"]
    file.dump(params, path)
    write_plan(load_params(path), path.parent / PLAN)


def _finish() -> int:
    """Write all outputs and record them; return the number of stages.

    dvc.lock is written once: stage by stage would take hours.
    """
    with Repo(".") as repo, repo.lock, look_once(), IN_PLACE:
        stages = [s for s in repo.index.stages if isinstance(s, PipelineStage)]
        for stage in stages:
            for out in stage.outs:
                _write(Path(out.fs_path), stage.name)
        recorded = {}
        for stage in stages:
            stage.save(run_cache=False)
            stage.commit()
            recorded[stage.name] = to_single_stage_lockfile(stage)
    content = {"schema": "2.0", "stages": json.loads(json.dumps(recorded))}
    with Path("dvc.lock").open("w") as lock:
        yaml.dump(content, lock, yaml.CSafeDumper, sort_keys=False)
    return len(stages)


def _write(path: Path, text: str) -> None:
    """Write an output of a stage: versions and code as they are, else a few bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    relative = path.relative_to(Path.cwd()).as_posix()
    if relative == "data/packages/versions.json":
        text = json.dumps(list_versions())
    elif relative.startswith("data/games/"):
        games = YAML(typ="safe").load(Path("params.yaml"))["games"]
        part, _, bridges = path.stem.partition("-")
        text = json.dumps(hash_code(games[part], bridges=bool(bridges)))
    if path.suffix:
        path.write_text(text)
    else:
        path.mkdir()
        (path / "model.safetensors").write_text(text)


if __name__ == "__main__":
    print(make_study(Path(sys.argv[1]), int(sys.argv[2])))
