"""A temporary study: the real graph, parameters and drivers, with stand-in stages."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

from ruamel.yaml import YAML

from games.errors import ParamsError
from pipeline.params.plan import FILE as PLAN
from pipeline.params.plan import write_plan
from pipeline.params.read import load_params
from tests.recipe import VARIANTS

ROOT = Path(__file__).parents[2]
COPIED = ("Snakefile", "dvc.yaml", "params.yaml", "pipeline", "games", "profiles")
COPIED += (".gitignore", ".dvcignore", "requirements.lock")
BIN = Path(sys.executable).parent


class Study:
    """A folder in which the study runs, and what both drivers say of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / ".git/executed"

    def env(self) -> dict[str, str]:
        """Return an environment that knows nothing of other runs."""
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SNAKEMAKE")}
        return kept | {"PATH": path, "STUB_LOG": str(self.log)}

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a command that succeeds (or fails), and return all that it printed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def executed(self, *command: str) -> Counter[str]:
        """Run a driver, and count by stage what it really executed."""
        self.log.unlink(missing_ok=True)
        self.run(*command)
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return Counter(lines)

    def dvc_status(self) -> set[str]:
        """Return the stages that DVC calls changed."""
        return set(json.loads(self.run("dvc", "status", "--json").splitlines()[-1]))

    def snakemake_jobs(self) -> Counter[str]:
        """Count by rule the jobs that Snakemake would run, without `all`."""
        text = self.run("snakemake", "-n")
        table = re.search(r"job +count\n[- ]+\n(.*?)\ntotal", text, re.DOTALL)
        if table is None:
            assert "Nothing to be done" in text, text
            return Counter()
        rows = [row.split() for row in table[1].splitlines()]
        return Counter({rule: int(count) for rule, count in rows if rule != "all"})

    def is_quiet(self) -> bool:
        """Tell whether neither driver has anything to do."""
        return not self.dvc_status() and not self.snakemake_jobs()

    def set(self, **values: object) -> None:
        """Set keys of params.yaml, and plan; a double underscore stands for the dot."""
        yaml = YAML()
        params = yaml.load(self.folder / "params.yaml")
        for key, value in values.items():
            *sections, last = key.split("__")
            section = params
            for name in sections:
                section = section[name]
            section[last] = value
        path = self.folder / "params.yaml"
        yaml.dump(params, path)
        with suppress(ParamsError):  # what cannot be run is for the drivers to refuse
            write_plan(load_params(path), self.folder / PLAN)

    def commit(self, message: str) -> None:
        """Commit everything to git."""
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)

    def copy(self, folder: Path) -> "Study":
        """Return a copy of the study in another folder, times kept."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Study(folder)


def make_study(folder: Path, **values: object) -> Study:
    """Make a study with stand-in stages, versioned by git and DVC, nothing run yet."""
    folder.mkdir()
    skip = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, ignore=skip)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
    stages = folder / "stages"
    for name in YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]:
        (stages / name).mkdir(parents=True)
        text = f'from tests.pipeline.stub.stage import main\n\nmain("{name}")\n'
        (stages / name / "__main__.py").write_text(text)
    for room in ("common", "training", "engines", "playing", "grpo/rewards"):
        shutil.copytree(ROOT / "stages" / room, stages / room, ignore=skip)
    stub = folder / "tests/pipeline/stub"
    shutil.copytree(Path(__file__).parent / "stub", stub, ignore=skip)
    study = Study(folder)
    usual = {key.replace(".", "__"): value for key, value in VARIANTS.items()}
    study.set(**(usual | values))
    study.run("git", "init", "-q", "-b", "main")
    study.run("git", "config", "user.name", "test")
    study.run("git", "config", "user.email", "test@example.org")
    study.run("dvc", "init", "-q")
    study.run("dvc", "config", "core.analytics", "false")
    study.run("dvc", "config", "core.autostage", "false")
    study.commit("init")
    return study
