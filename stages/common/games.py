"""The code of the study's games, by content: what an episode depends on.

`data/games/code.json` is written by the stage `games`; whoever plays confirms first
that the code at hand is the code named there.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import games
from games.errors import ArtifactError
from games.registry import GAMES
from stages.common.files import DATA, missing

CODE = DATA / "games" / "code.json"
_FOLDER = Path(games.__file__).parent
_LOOP = "games.session"
_NO_DATA = {".md", ".py", ".pyc"}


def code_of(names: Sequence[str]) -> dict[str, str]:
    """Return for each game a hash of its code and of all it imports from games/."""
    return {name: _digest(_files(GAMES[name].master.__module__)) for name in names}


def confirm_code(names: Sequence[str]) -> None:
    """Make sure that the code of the named games is what the stage `games` saw.

    Raises:
        ArtifactError: the stage has not run, or the code was edited since.
    """
    try:
        seen = json.loads(CODE.read_text())
    except FileNotFoundError as error:
        raise missing(CODE) from error
    except ValueError as error:
        raise ArtifactError(f"{CODE} is damaged: delete it and run again") from error
    now = code_of(names)
    edited = [name for name in names if now[name] != seen.get(name)]
    if edited:
        raise ArtifactError(
            f"the code of {', '.join(edited)} was edited after the stage `games` had "
            "run: run again, and what depends on it is made anew"
        )


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
