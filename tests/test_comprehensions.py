"""No comprehension takes a name that its function reads from outside.

    said = {stem for clue in clues for stem in stems(clue)}
    return [word for word in words if stem(word) not in said]

The second line calls the function `stem`. Python 3.12 and, where `stem` belongs to an
enclosing function, 3.13 inline both comprehensions into one scope, look for a variable
there and raise UnboundLocalError; Python 3.11 does not, so no other test there sees it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("games", "stages", "pipeline")

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def clashes(code: str) -> list[tuple[int, str]]:
    """Return line and name of each read that a comprehension's variable may catch."""
    return sorted(
        {
            (name.lineno, name.id)
            for function in ast.walk(ast.parse(code))
            if isinstance(function, FUNCTIONS)
            for name in _read_from_outside(function)
            if name.id in _variables(function)
        }
    )


def _read_from_outside(function: ast.AST) -> list[ast.Name]:
    """Return the names in a function that neither it nor a comprehension binds."""
    names = list(_names(function, frozenset()))
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    return [name for name in names if name.id not in own]


def _names(node: ast.AST, hidden: frozenset[str]) -> Iterator[ast.Name]:
    """Yield the names under a node that are no variable of a comprehension."""
    if isinstance(node, COMPREHENSIONS):
        # what it goes through first is read before its variables exist
        yield from _names(node.generators[0].iter, hidden)
        hidden |= {name for part in node.generators for name in _stored(part.target)}
    if isinstance(node, ast.Name) and node.id not in hidden:
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _names(child, hidden)


def _variables(function: ast.AST) -> set[str]:
    """Return the variables of every comprehension in a function."""
    parts = (n for n in ast.walk(function) if isinstance(n, ast.comprehension))
    return {name for part in parts for name in _stored(part.target)}


def _stored(target: ast.AST) -> set[str]:
    """Return the variables in a target such as `a, (b, *c)`."""
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


@pytest.mark.parametrize(
    "body",
    [
        "a = {stem for stem in words}; return [stem(w) for w in words]",
        "a = [1 for n, stem in words]; return {w: 1 for w in words if stem(w)}",
        "return [([stem for stem in w], [stem(x) for x in w]) for w in words]",
        "a = [stem for stem in words]; return stem(a)",
        "return [stem for stem in map(stem, words)]",
        "return lambda: [[stem for stem in words], [stem(w) for w in words]]",
    ],
)
def test_a_clash_is_found(body: str) -> None:
    """However the comprehensions follow each other or lie in each other."""
    assert clashes(f"def f(words):\n    {body}") == [(2, "stem")]


@pytest.mark.parametrize(
    "body",
    [
        "return [stem for stem in words]",
        "return [[stem(w) for stem in stems] for w in words]",
        "a = [stem for stem in words]; stem = a[0]; return [stem + w for w in words]",
        "a = [words for words in words]; return [words[0] for w in a]",
    ],
)
def test_what_stays_inside_is_no_clash(body: str) -> None:
    """A variable of the function, or one that only comprehensions bind, is safe."""
    assert clashes(f"def f(words):\n    {body}") == []


def test_no_comprehension_takes_a_name_from_outside() -> None:
    """Rename the comprehension's variable where this test points."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for line, name in clashes(path.read_text())
    ]
    assert found == []
