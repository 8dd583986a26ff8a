"""Packages that Python files import and nobody has installed; no file is run."""

import ast
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path


def find_missing(starts: Iterable[Path], lm_eval: Path) -> str | None:
    """Find a package that Python files need to be imported; None if all are there.

    Args:
        starts: files of tasks; what they import of lm-eval's tasks is looked at too.
        lm_eval: the folder of that package.
    """
    seen: set[Path] = set()
    waiting = [path for path in starts if path.is_file()]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in _list_imports(path):
            top, _, rest = module.partition(".")
            if top == "lm_eval":
                file = lm_eval.joinpath(*rest.split("."))
                if rest.startswith("tasks.") and file.with_suffix(".py").is_file():
                    waiting.append(file.with_suffix(".py"))
            elif (beside := path.parent / f"{top}.py").is_file():
                waiting.append(beside)
            elif find_spec(top) is None:
                return top
    return None


def _list_imports(path: Path) -> Iterator[str]:
    """Yield what a file imports whenever it is imported itself."""
    try:
        statements = ast.parse(path.read_bytes()).body
    except (SyntaxError, ValueError):
        return
    for node in statements:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ([node.module] if node.module else [a.name for a in node.names])
