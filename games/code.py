"""The code of a game, by content: what an episode depends on."""

import ast
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import games
from games.registry import GAMES

_FOLDER = Path(games.__file__).parent
_LOOP = "games.session"
_NO_DATA = {".md", ".py", ".pyc"}


def code_of(names: Sequence[str]) -> dict[str, str]:
    """Return for each game a hash of its code and of all it imports from games/."""
    return {name: _digest(_files(GAMES[name].master.__module__)) for name in names}


def _files(module: str) -> set[Path]:
    """Return what a module of games/ is made of, with all that it imports there."""
    found: set[Path] = set()
    waiting = [*_parts(module), *_parts(_LOOP)]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            if file.suffix == ".py":
                waiting += [part for name in _imports(file) for part in _parts(name)]
    return found


def _parts(module: str) -> list[Path]:
    """Return a module's file and, if it is in a package, that package's data."""
    top, *rest = module.split(".")
    if top != "games" or not rest:
        return []
    package, modules = _FOLDER / rest[0], [_FOLDER / f"{rest[0]}.py"]
    if package.is_dir():
        modules = [package / f"{name}.py" for name in ("__init__", *rest[1:2])]
    data = [file for file in package.rglob("*") if file.suffix not in _NO_DATA]
    return [file for file in modules + data if file.is_file()]


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.relative_to(_FOLDER).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
