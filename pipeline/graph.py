"""dvc.yaml for the Snakefile: the stages as DVC resolves them, and which are outdated.

dvc.yaml is the only graph. A plain stage is a rule; a matrix stage `games` over part is
a rule with the wildcard {part}; a foreach stage is one with the wildcard {key}, or with
those that its outputs name, where pipeline/plan.yaml lists what it runs for. DVC says,
by content, which stages are out of date; Snakemake, which goes by times, is told so in
three ways: inputs of a stage that is up to date are `ancient`; a changed stage gets one
more input that is newer than everything; what is downstream of it follows by itself.

Two stages write down what code and packages are at hand. Their outputs are forecast, so
that a stage whose own code and packages are the same is not called out of date.

Used by the Snakefile alone: `python -m pipeline.run_stage` is what its rules run.
"""

import json
import re
import shlex
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

from dvc.dependency.param import ParamsDependency
from dvc.lock import LockError
from dvc.repo import Repo
from dvc.stage import PipelineStage
from ruamel.yaml import YAML

from games.code import hash_code
from pipeline.lockfile import parse_lock_quickly
from pipeline.once import look_once
from pipeline.params.packages import list_versions

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
        self._params |= yaml.load(Path("pipeline/plan.yaml"))
        self._wildcards = {rule: self._list_wildcards(rule) for rule in self._rules}
        self._stages = {rule: self._list_stages(rule) for rule in self._rules}
        with parse_lock_quickly(), look_once(), _open() as repo:
            self._read(repo, status)
        self._forecasts: dict[str, Callable[[], dict[str, str]]] = {
            "data/packages/versions.json": list_versions,
            "data/games/held_in.json": partial(self._hash_games, "held_in"),
            "data/games/held_out.json": partial(self._hash_games, "held_out"),
        }
        for part in ("held_in", "held_out"):
            path = f"data/games/{part}-bridges.json"
            self._forecasts[path] = partial(self._hash_games, part, bridges=True)
        self._forecast = cache(self._forecast_file)
        self._is_outdated = cache(self._find_outdated)

    def _hash_games(self, part: str, *, bridges: bool = False) -> dict[str, str]:
        return hash_code(self._params["games"][part], bridges=bridges)

    def _list_wildcards(self, rule: str) -> list[str]:
        """List the wildcards of a rule: what its outputs name, in their order."""
        outs = " ".join(self._templates(rule))
        return list(dict.fromkeys(re.findall(r"\$\{(?:item\.)?(\w+)\}", outs)))

    def _list_stages(self, rule: str) -> list[dict[str, str]]:
        """List the values of a rule's wildcards for each of its stages."""
        entry = self._rules[rule]
        if "foreach" in entry:
            each = self._look_up(entry["foreach"])
            items = [{"key": key, **item} for key, item in each.items()]
        else:
            matrix = {k: self._look_up(v) for k, v in entry.get("matrix", {}).items()}
            items = [
                dict(zip(matrix, v, strict=True)) for v in product(*matrix.values())
            ]
        return [
            {key: str(item[key]) for key in self._wildcards[rule]} for item in items
        ]

    def _look_up(self, values: Any) -> Any:
        """Find what "${plan.policies}" refers to; what is no such text stays."""
        if not isinstance(values, str):
            return values
        found: Any = self._params
        for part in values.removeprefix("${").removesuffix("}").split("."):
            found = found[part]
        return found

    def _read(self, repo: Repo, status: bool) -> None:
        """Take from DVC what it knows of each stage."""
        root = Path(repo.root_dir)
        stages = {s.name: s for s in repo.index.stages if isinstance(s, PipelineStage)}
        self._produced: dict[str, str] = {}
        self._deps: dict[str, list[str]] = {}
        self._keys: dict[str, dict[str, list[str]]] = {}
        self._read_params: dict[str, dict[str, Any]] = {}
        for name, stage in stages.items():
            for out in stage.outs:
                self._produced[Path(out.fs_path).relative_to(root).as_posix()] = name
            self._read_params[name] = {}
            self._deps[name] = []
            self._keys[name] = {}
            for dep in stage.deps:
                path = Path(dep.fs_path).relative_to(root).as_posix()
                if not isinstance(dep, ParamsDependency):
                    self._deps[name].append(path)
                elif path == "params.yaml":
                    self._read_params[name] |= dep.read_params()
                else:  # a file that another stage makes, of which some keys are read
                    self._deps[name].append(path)
                    self._keys[name][path] = list(dep.params)
        self._inside = _outputs_by_folder(self._produced)
        self._inputs = {n: self._expand(deps) for n, deps in self._deps.items()}
        changes = {n: _changes(s) for n, s in stages.items()} if status else {}
        self._changed = {name: change for name, change in changes.items() if change}
        for name, change in self._changed.items():
            marker = STALE / name
            marker.parent.mkdir(parents=True, exist_ok=True)
            # new content each time: Snakemake also compares checksums
            marker.write_text(f"{time.time_ns()} {change}\n")

    def _expand(self, deps: list[str]) -> list[str]:
        """Replace a folder that holds outputs of other stages by these outputs.

        By nothing, if there are none: no training, no curves.
        """
        files = []
        for dep in deps:
            if dep in self._produced or not dep.startswith("data/"):
                files.append(dep)
            files += self._inside.get(dep, [])
        return files

    def _find_outdated(self, stage: str) -> bool:
        """Tell whether a stage, or anything above it, is out of date."""
        makers = [
            self._produced[path]
            for path in self._inputs[stage]
            if path in self._produced and not self._is_forecast_equal(stage, path)
        ]
        # a list, not a generator: every stage is looked at once
        return any([stage in self._changed, *map(self._is_outdated, makers)])

    def _is_forecast_equal(self, stage: str, path: str) -> bool:
        """Tell whether what a stage reads of a file will be as it is now."""
        coming, now = self._forecast(path)
        keys = self._keys[stage].get(path, coming.keys() | now.keys())
        return bool(coming) and all(coming.get(key) == now.get(key) for key in keys)

    def _forecast_file(self, path: str) -> tuple[dict[str, str], dict[str, str]]:
        """Foretell a file of code or package versions, and read what it holds now.

        Both are empty if the file is another one, or is not there.
        """
        if path not in self._forecasts or not Path(path).exists():
            return {}, {}
        return self._forecasts[path](), json.loads(Path(path).read_text())

    def _stage(self, rule: str, wildcards: Any) -> str:
        """Return DVC's name of the stage that a rule runs for some wildcards."""
        return _name(rule, [wildcards[key] for key in self._wildcards[rule]])

    def deps(self, rule: str) -> Inputs:
        """Return the `input:` of a rule."""

        def inputs(wildcards: Any) -> list[str]:
            stage = self._stage(rule, wildcards)
            if not self._is_outdated(stage):
                return [self._ancient(path) for path in self._inputs[stage]]
            if stage not in self._changed:
                return self._inputs[stage]
            return [*self._inputs[stage], str(STALE / stage)]

        return inputs

    def outs(self, rule: str) -> list[str]:
        """Return the `output:` of a rule, where wildcards match its stages only."""
        return [
            self._pattern(rule, out)
            if is_file(out)
            else self._directory(self._pattern(rule, out))
            for out in self._templates(rule)
        ]

    def _templates(self, rule: str) -> list[str]:
        """Return the outputs of a rule as dvc.yaml writes them."""
        stage = self._rules[rule].get("do", self._rules[rule])
        entries = [
            entry
            for kind in ("outs", "metrics", "plots")
            for entry in stage.get(kind, [])
        ]
        return [e if isinstance(e, str) else next(iter(e)) for e in entries]

    def _pattern(self, rule: str, out: str) -> str:
        """Turn "${item.seed}" into Snakemake's "{seed,0|1}"."""
        for key in self._wildcards[rule]:
            values = dict.fromkeys(stage[key] for stage in self._stages[rule])
            allowed = "|".join(map(re.escape, values)) or NOTHING
            for place in (f"${{item.{key}}}", f"${{{key}}}"):
                out = out.replace(place, f"{{{key},{allowed}}}")
        return out

    def params(self, rule: str) -> Callable[[Any], dict[str, Any]]:
        """Return the `params:` of a rule: the keys of params.yaml that it reads."""
        return lambda wildcards: self._read_params[self._stage(rule, wildcards)]

    def run(self, rule: str) -> str:
        """Return the `shell:` of a rule."""
        stage = _name(rule, [f"{{wildcards.{key}}}" for key in self._wildcards[rule]])
        python = shlex.quote(sys.executable)
        return f"{python} -m pipeline.run_stage '{stage}' > {{log}} 2>&1"

    def results(self) -> list[str]:
        """Return the outputs that no stage reads."""
        read = {path for inputs in self._inputs.values() for path in inputs}
        return [path for path in self._produced if path not in read]

    def remember_outputs(self) -> None:
        """Tell DVC the times of its outputs after a run.

        Snakemake touches the files that a job made. DVC then takes them for edited
        ones, and `dvc checkout` of another revision would leave them lying about.
        """
        with parse_lock_quickly(), _open() as repo, repo.state.links as links:
            known = {path: links[path] for path in links}
            touched = [
                str(Path(repo.root_dir, path))
                for path in map(Path, self._produced)
                if str(path) in known
                and path.is_file()
                and known[str(path)][1] != _mtime(path)
            ]
            outs = {out.fs_path: out for out in repo.index.outs} if touched else {}
            for path in touched:
                if not outs[path].workspace_status():  # it is what DVC recorded
                    repo.state.save_link(path, outs[path].fs)

    def check(self, rules: Any) -> None:
        """Refuse a Snakefile whose rules are not the stages of dvc.yaml.

        Without a rule, a stage's outputs would pass for source files once they exist.
        """
        stages = {
            _name(rule, stage.values())
            for rule, stages in self._stages.items()
            for stage in stages
        }
        wrong = {rule.name for rule in rules} - {"all"} ^ set(self._rules)
        wrong |= stages ^ set(self._deps)
        if wrong:
            raise ValueError(f"Snakefile and dvc.yaml differ in {sorted(wrong)}")


def is_file(out: str) -> bool:
    """Tell a file by its suffix; the name of a variant may have a dot, too."""
    return bool(Path(re.sub(r"\$\{.*?\}", "x", out)).suffix)


def _open() -> Repo:
    return Repo(".", _wait_for_lock=True)


def _outputs_by_folder(outputs: Iterable[str]) -> dict[str, list[str]]:
    """List, for each folder, the outputs that lie somewhere in it."""
    inside = defaultdict(list)
    for out in outputs:
        for folder in Path(out).parents:
            inside[folder.as_posix()].append(out)
    return inside


def _name(rule: str, values: Iterable[str]) -> str:
    """Return DVC's name of a stage: of a matrix stage with its values."""
    text = "-".join(values)
    return f"{rule}@{text}" if text else rule


def _mtime(path: Path) -> str:
    """Read a file's time as DVC writes it down."""
    return str(path.stat().st_mtime_ns)


def _changes(stage: PipelineStage) -> list[Any]:
    """Ask DVC for the changes of a stage, or that it is running right now."""
    with stage.repo.lock:
        try:
            return stage.status(check_updates=False).get(stage.name, [])
        except LockError:
            return ["running now"]
