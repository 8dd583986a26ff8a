"""The code and the packages that each stage depends on, derived from its imports.

    python -m pipeline.dependencies           # say where dvc.yaml differs; exit 1 if so
    python -m pipeline.dependencies --write   # mend dvc.yaml

A stage depends on every file of games/, pipeline/ and stages/ that its module imports,
directly or not, on the data files beside them, and on the packages of
`pipeline.params.packages` that they import. A folder stands for its files where all of
them are needed. What decides no output is left out: see NOTHING.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from games.code import ROOT, files_of, imports_of
from games.registry import GAMES
from pipeline.params.packages import PACKAGES

DVC = Path("dvc.yaml")
VERSIONS = "data/packages/versions.json"
TOPS = ("games", "pipeline", "stages")
NOTHING = {
    "games": "holds nothing but a docstring",
    "games.bridge": "tells and reads clembench's files; data/games counts it",
    "games.errors": "the sentences for people",
    "games.registry": "finds a game by its name; its code is in data/games",
    "pipeline": "turns Ctrl-C into a sentence",
    "pipeline.params.checks": "refuses parameters, and changes none",
    "pipeline.params.plan": "refuses to run by a plan of other parameters",
    "pipeline.params.show": "writes values for sentences",
    "stages": "turns Ctrl-C into a sentence",
    "stages.base.proof": "tries what was saved, and refuses or does nothing",
    "stages.common.cli": "turns errors into sentences and exit codes",
    "stages.common.games": "confirms data/games, or refuses",
    "stages.common.health": "refuses models that cannot be used, and changes none",
    "stages.common.packages": "confirms data/packages, or refuses",
    "stages.common.progress": "shows how far a stage is",
    "stages.common.surroundings": "takes away what would decide results",
    "stages.training.divergence": "stops a training that has failed",
}
"""Modules that are imported and decide no output, each with the reason."""
TOGETHER = {
    "lm_eval": ("langdetect",),
    "transformers": ("bitsandbytes", "tokenizers"),
    "trl": ("accelerate",),
}
"""Packages that compute for another one, though no module of ours imports them."""
READ_BY_TRANSFORMERS = {"base": ("gguf",)}
"""Packages that a stage uses through transformers alone."""
PLAYED = "data/games/"
"""Stands for the code of the games that are played."""


def find_files(stage: str, root: Path = ROOT) -> set[Path]:
    """Collect the files of code and data, below `root`, that decide a stage's output.

    Args:
        stage: its name.
        root: the folder that holds games/, pipeline/ and stages/.
    """
    files = files_of(
        root,
        [f"stages.{stage}.__main__"],
        tops=TOPS,
        is_followed=lambda module: module not in NOTHING,
    )
    own = root / "stages" / stage
    files |= {path for path in own.rglob("*") if _is_read(path)}
    return {path.relative_to(root) for path in files if not _is_docstring(path)}


def find_packages(stage: str, deps: Iterable[str] = (), root: Path = ROOT) -> list[str]:
    """List the packages that decide a stage's output, in alphabetical order.

    Args:
        stage: its name.
        deps: its dependencies; one on data/games brings along what games import.
        root: the folder that holds games/, pipeline/ and stages/.
    """
    files = {root / path for path in find_files(stage, root)}
    if stage == "games" or any(dep.startswith(PLAYED) for dep in deps):
        masters = [game.master.__module__ for game in GAMES.values()]
        files |= files_of(root, masters, tops=("games",))
    modules = [path for path in files if path.suffix == ".py"]
    tops = {name.partition(".")[0] for path in modules for name in imports_of(path)}
    tops |= {name for top in tops for name in TOGETHER.get(top, ())}
    tops |= set(READ_BY_TRANSFORMERS.get(stage, ()))
    return sorted(tops & set(PACKAGES))


def fold_files(files: Iterable[Path], root: Path = ROOT) -> list[str]:
    """Name files as dvc.yaml does: a folder where all that counts in it is needed."""
    wanted = set(files)

    def fold(folder: Path) -> Iterator[str]:
        inside = {p for p in wanted if folder in p.parents}
        if not inside:
            return
        if inside == _find_all(folder, root):
            yield folder.as_posix()
            return
        yield from sorted(p.as_posix() for p in inside if p.parent == folder)
        for below in sorted({p for p in (root / folder).iterdir() if p.is_dir()}):
            yield from fold(below.relative_to(root))

    return [name for top in TOPS for name in fold(Path(top))]


@cache
def _find_all(folder: Path, root: Path) -> set[Path]:
    """Collect the files of a folder that can decide anything."""
    return {
        path.relative_to(root)
        for path in (root / folder).rglob("*")
        if _is_read(path) and not _is_docstring(path)
    }


def _is_read(path: Path) -> bool:
    return path.is_file() and path.suffix not in {".pyc", ".md"}


@cache
def _is_docstring(path: Path) -> bool:
    """Tell whether a module holds nothing but a docstring."""
    if path.name != "__init__.py":
        return False
    return all(isinstance(node, ast.Expr) for node in ast.parse(path.read_text()).body)


def mend(entry: Any, stage: str, root: Path = ROOT) -> None:
    """Set the code and the packages of a stage's entry in dvc.yaml, in place."""
    code = fold_files(find_files(stage, root), root)
    if stage == "games":  # whichever games params.yaml names
        code = ["games", *(one for one in code if not one.startswith("games/"))]
    data = [dep for dep in entry["deps"] if not _is_code(dep)]
    entry["deps"] = _make_flow([*code, *data])
    params: list[Any] = [p for p in entry.get("params", []) if isinstance(p, str)]
    listed = find_packages(stage, data, root)
    if listed and stage != "packages":
        params.append({VERSIONS: _make_flow(listed)})
    if params:
        entry["params"] = _make_flow(params)


def _strip_lines(text: str) -> str:
    """Take away the blanks that a wrapped list leaves at the ends of lines."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _is_code(dep: str) -> bool:
    return dep.partition("/")[0] in TOPS


def _make_flow(values: list[Any]) -> CommentedSeq:
    result = CommentedSeq(values)
    result.fa.set_flow_style()
    return result


def main(arguments: list[str]) -> int:
    """Compare dvc.yaml with the imports, and mend it if asked to."""
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 100, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    graph = yaml.load(DVC)
    wrong = []
    for stage, entry in graph["stages"].items():
        entry = entry.get("do", entry)
        before = list(entry["deps"]), [*map(str, entry.get("params", []))]
        mend(entry, stage)
        after = list(entry["deps"]), [*map(str, entry.get("params", []))]
        for old, new in zip(before, after, strict=True):
            wrong += [f"{stage}: {one} is missing" for one in new if one not in old]
            wrong += [f"{stage}: {one} is needless" for one in old if one not in new]
    if "--write" in arguments:
        yaml.dump(graph, DVC, transform=_strip_lines)
        return 0
    print("\n".join(wrong) or "dvc.yaml lists what the stages import")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
