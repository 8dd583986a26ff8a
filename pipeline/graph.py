"""dvc.yaml for the Snakefile: the stages as DVC resolves them, and which are outdated.

dvc.yaml is the only graph. A plain stage is a rule; a matrix stage `train` over method
and seed is a rule with the wildcards {method} and {seed}. DVC says, by content, which
stages are out of date; Snakemake, which goes by times, is told so in three ways:
inputs of a stage that is up to date are `ancient`; a changed stage gets one more input
that is newer than everything; what is downstream of it follows by itself.

Used by the Snakefile alone: `python -m pipeline.run_stage` is what its rules run.
"""

import re
import shlex
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from dvc.dependency.param import ParamsDependency
from dvc.lock import LockError
from dvc.repo import Repo
from dvc.stage import PipelineStage
from ruamel.yaml import YAML

STALE = Path(".snakemake/stale")
NOTHING = "(?!)"
"""A pattern that matches no text: the constraint of a wildcard without values."""

Flag = Callable[[str], str]
Inputs = Callable[[Any], list[str]]


class Graph:
    """The stages of dvc.yaml, in the words of Snakemake's rules."""

    def __init__(self, ancient: Flag, directory: Flag, *, status: bool) -> None:
        """Read dvc.yaml, params.yaml and dvc.lock of the current folder.

        Args:
            ancient: Snakemake's flag for an input whose time does not count.
            directory: Snakemake's flag for an output that is a folder.
            status: whether to ask DVC what is out of date, as the main process has to.

        """
        self._ancient, self._directory = ancient, directory
        yaml = YAML(typ="safe")
        self._rules = yaml.load(Path("dvc.yaml"))["stages"]
        self._params = yaml.load(Path("params.yaml"))
        self._matrix = {rule: self._values(rule) for rule in self._rules}
        with Repo(".", _wait_for_lock=True) as repo:
            self._read(repo, status)
        self._is_outdated = cache(self._find_outdated)

    def _values(self, rule: str) -> dict[str, list[str]]:
        """Return the values of each wildcard of a rule, as text."""
        matrix = self._rules[rule].get("matrix", {})
        return {key: self._texts(values) for key, values in matrix.items()}

    def _texts(self, values: list[Any] | str) -> list[str]:
        """Return a list, or the one that "${grpo.starts}" refers to, as texts."""
        if isinstance(values, str):
            found: Any = self._params
            for part in values.removeprefix("${").removesuffix("}").split("."):
                found = found[part]
            values = found
        return [str(value) for value in values]

    def _read(self, repo: Repo, status: bool) -> None:
        """Take from DVC what it knows of each stage."""
        root = Path(repo.root_dir)
        stages = {s.name: s for s in repo.index.stages if isinstance(s, PipelineStage)}
        self._produced: dict[str, str] = {}
        self._deps: dict[str, list[str]] = {}
        self._read_params: dict[str, dict[str, Any]] = {}
        for name, stage in stages.items():
            for out in stage.outs:
                self._produced[Path(out.fs_path).relative_to(root).as_posix()] = name
            params = [d for d in stage.deps if isinstance(d, ParamsDependency)]
            self._read_params[name] = {
                key: value for d in params for key, value in d.read_params().items()
            }
            self._deps[name] = [
                Path(d.fs_path).relative_to(root).as_posix()
                for d in stage.deps
                if not isinstance(d, ParamsDependency)
            ]
        self._inputs = {n: self._expand(deps) for n, deps in self._deps.items()}
        changes = {n: _changes(s) for n, s in stages.items()} if status else {}
        self._changed = {name: change for name, change in changes.items() if change}

    def _expand(self, deps: list[str]) -> list[str]:
        """Replace a folder that holds outputs of other stages by these outputs.

        By nothing, if there are none: no training, no curves.
        """
        files = []
        for dep in deps:
            if dep in self._produced or not dep.startswith("data/"):
                files.append(dep)
            files += [out for out in self._produced if out.startswith(f"{dep}/")]
        return files

    def _find_outdated(self, stage: str) -> bool:
        """Tell whether a stage, or anything above it, is out of date."""
        makers = [self._produced[p] for p in self._inputs[stage] if p in self._produced]
        # a list, not a generator: every stage is looked at once
        return any([stage in self._changed, *map(self._is_outdated, makers)])

    def _stage(self, rule: str, wildcards: Any) -> str:
        """Return DVC's name of the stage that a rule runs for some wildcards."""
        return _name(rule, [wildcards[key] for key in self._matrix[rule]])

    def deps(self, rule: str) -> Inputs:
        """Return the `input:` of a rule."""

        def inputs(wildcards: Any) -> list[str]:
            stage = self._stage(rule, wildcards)
            if not self._is_outdated(stage):
                return [self._ancient(path) for path in self._inputs[stage]]
            if stage not in self._changed:
                return self._inputs[stage]
            marker = STALE / stage
            marker.parent.mkdir(parents=True, exist_ok=True)
            # new content each time: Snakemake also compares checksums
            marker.write_text(f"{time.time_ns()} {self._changed[stage]}\n")
            return [*self._inputs[stage], str(marker)]

        return inputs

    def outs(self, rule: str) -> list[str]:
        """Return the `output:` of a rule, where wildcards match the matrix only."""
        return [
            self._pattern(rule, out)
            if is_file(out)
            else self._directory(self._pattern(rule, out))
            for out in self._templates(rule)
        ]

    def _templates(self, rule: str) -> list[str]:
        """Return the outputs of a rule as dvc.yaml writes them."""
        entries = [
            entry
            for kind in ("outs", "metrics", "plots")
            for entry in self._rules[rule].get(kind, [])
        ]
        return [e if isinstance(e, str) else next(iter(e)) for e in entries]

    def _pattern(self, rule: str, out: str) -> str:
        """Turn "${item.seed}" into Snakemake's "{seed,0|1}"."""
        for key, values in self._matrix[rule].items():
            allowed = "|".join(map(re.escape, values)) or NOTHING
            out = out.replace(f"${{item.{key}}}", f"{{{key},{allowed}}}")
        return out

    def params(self, rule: str) -> Callable[[Any], dict[str, Any]]:
        """Return the `params:` of a rule: the keys of params.yaml that it reads."""
        return lambda wildcards: self._read_params[self._stage(rule, wildcards)]

    def run(self, rule: str) -> str:
        """Return the `shell:` of a rule."""
        stage = _name(rule, [f"{{wildcards.{key}}}" for key in self._matrix[rule]])
        python = shlex.quote(sys.executable)
        return f"{python} -m pipeline.run_stage '{stage}' > {{log}} 2>&1"

    def results(self) -> list[str]:
        """Return the outputs that no stage reads."""
        read = {path for inputs in self._inputs.values() for path in inputs}
        return [path for path in self._produced if path not in read]

    def check(self, rules: Any) -> None:
        """Refuse a Snakefile whose rules are not the stages of dvc.yaml.

        Without a rule, a stage's outputs would pass for source files once they exist.
        """
        stages = {
            _name(rule, values)
            for rule, matrix in self._matrix.items()
            for values in product(*matrix.values())
        }
        wrong = {rule.name for rule in rules} - {"all"} ^ set(self._rules)
        wrong |= stages ^ set(self._deps)
        if wrong:
            raise ValueError(f"Snakefile and dvc.yaml differ in {sorted(wrong)}")


def is_file(out: str) -> bool:
    """Tell a file by its suffix; the name of a variant may have a dot, too."""
    return bool(Path(re.sub(r"\$\{.*?\}", "x", out)).suffix)


def _name(rule: str, values: Iterable[str]) -> str:
    """Return DVC's name of a stage: of a matrix stage with its values."""
    text = "-".join(values)
    return f"{rule}@{text}" if text else rule


def _changes(stage: PipelineStage) -> list[Any]:
    """Return what DVC calls changed in a stage, or that it is running right now."""
    with stage.repo.lock:
        try:
            return stage.status(check_updates=False).get(stage.name, [])
        except LockError:
            return ["running now"]
