"""Code by content: which files a module is made of, and one hash of them.

An episode depends on the code of its game: the game's own files, all that they import
inside games/, and the texts and word lists that lie in the packages they import.
"""

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from games.registry import GAMES

ROOT = Path(__file__).parents[1]
"""The folder that holds games/, stages/ and pipeline/."""
_LOOP = "games.session"
_NO_DATA = {".md", ".py", ".pyc"}

IsFollowed = Callable[[str], bool]
"""Whether the imports of a module (by its dotted name) are followed."""


def hash_code(
    names: Sequence[str], root: Path = ROOT, *, bridges: bool = False
) -> dict[str, str]:
    """Hash each game's code and all that it imports from games/.

    Args:
        names: of games.
        root: the folder that holds games/.
        bridges: whether the games' `clembench.py` count. They read clembench's
            instances and word what happened, and decide no episode.
    """
    found = {}
    for name in names:
        modules = GAMES[name].master.__module__, _LOOP
        files = files_of(
            root,
            modules,
            tops=("games",),
            is_followed=lambda module: bridges or not _is_bridge(module),
        )
        found[name] = digest(root, files)
    return found


def _is_bridge(module: str) -> bool:
    return module == "games.bridge" or module.endswith(".clembench")


def digest(root: Path, files: Iterable[Path]) -> str:
    """Hash files by their names below `root` and their contents."""
    result = hashlib.sha256()
    for file in sorted(files):
        result.update(file.relative_to(root).as_posix().encode() + b"\0")
        result.update(hashlib.sha256(file.read_bytes()).digest())
    return result.hexdigest()


def files_of(
    root: Path,
    modules: Iterable[str],
    *,
    tops: Sequence[str],
    is_followed: IsFollowed = lambda module: True,
) -> set[Path]:
    """Collect the files that modules are made of, with all that they import.

    These are the modules' own files, the `__init__` of every package above them, and
    the data (texts, word lists) that lies in their packages.

    Args:
        root: the folder that holds the packages.
        modules: dotted names to start from.
        tops: the packages whose modules count.
        is_followed: a module for which it is false is left out, imports and all.
    """
    found: set[Path] = set()
    waiting = list(modules)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name.partition(".")[0] not in tops or not is_followed(name):
            continue
        seen.add(name)
        waiting.append(name.rpartition(".")[0])
        file = _find_file(root, name)
        if file is None:
            continue  # a class or function of the module above it
        found |= {file, *_find_data(file.parent)}
        waiting += imports_of(file)
    return found


def imports_of(file: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports; some may be functions of a module."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _find_file(root: Path, module: str) -> Path | None:
    """Find the file of a module or the `__init__` of a package."""
    path = root.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if module and file.is_file():
            return file
    return None


def _find_data(package: Path) -> Iterator[Path]:
    """Yield a package's data; what lies in a package below it belongs to that one."""
    for path in package.iterdir():
        if path.is_file():
            if path.suffix not in _NO_DATA and not path.name.startswith("LICENSE"):
                yield path
        elif (
            path.is_dir()
            and path.name != "__pycache__"
            and not (path / "__init__.py").exists()
        ):
            yield from _find_data(path)
