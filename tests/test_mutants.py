"""The table of planted mistakes is sound, and what is not caught is told."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.mutants.table import Mutant, read_table

ROOT = Path(__file__).parents[1]
TABLE = read_table()


@pytest.mark.parametrize("mutant", TABLE, ids=str)
def test_a_mistake_can_be_planted(mutant: Mutant) -> None:
    """Its text stands once in a file of ours, and its test is there."""
    assert mutant.find_fault(ROOT) is None
    assert mutant.file.startswith(("stages/", "pipeline/"))
    assert mutant.old != mutant.new


def test_the_table_holds_enough_mistakes_once() -> None:
    """Every stage has some, and the parameters do."""
    assert len(TABLE) >= 60
    assert len({(m.file, m.old, m.new) for m in TABLE}) == len(TABLE)
    rooms = Counter("/".join(m.file.split("/")[:2]) for m in TABLE)
    stages = {path.parent.name for path in (ROOT / "stages").glob("*/__main__.py")}
    for stage in stages - {"base", "games", "packages"}:
        assert rooms[f"stages/{stage}"], stage
    assert rooms["pipeline/params"]


RUN = """
import sys
from pathlib import Path
from tests.mutants.__main__ import find_survivors
from tests.mutants.table import read_table
print(*find_survivors(read_table(Path(sys.argv[1])), Path(sys.argv[2])), sep="\\n")
"""
MODULE = "def add(a, b):\n    return a + b\n"
TESTS = """
from stages.sums import add

def test_sums():
    assert add(2, 2) == 4

def test_more():
    assert add(2, 3) == {five}
"""


def plant(folder: Path, *mistakes: tuple[str, str, str], five: int = 5) -> str:
    """Plant (old, new, test) in a small tree, and return what is printed."""
    tree = folder / "tree"
    for name, text in {
        "stages/sums.py": MODULE,
        "tests/test_sums.py": TESTS.format(five=five),
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    entries = [
        {
            "file": "stages/sums.py",
            "wrong": new,
            "old": old,
            "new": new,
            "test": f"tests/test_sums.py::{test}",
        }
        for old, new, test in mistakes
    ]
    YAML().dump(entries, folder / "table.yaml")
    command = [sys.executable, "-c", RUN, folder / "table.yaml", tree]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (tree / "stages/sums.py").read_text() == MODULE
    return done.stdout + done.stderr


def test_what_is_caught_and_what_is_not(tmp_path: Path) -> None:
    """A mistake counts as caught if its own test fails, and by nothing else."""
    printed = plant(
        tmp_path,
        ("a + b", "a * b", "test_more"),
        ("a + b", "a ** b", "test_sums"),
        ("a + b", "a +", "test_sums"),
    )
    assert "2 tests pass" in printed or printed.count("1 tests pass") == 2
    caught, survived, broken = (
        [line for line in printed.splitlines() if line.startswith(word)]
        for word in ("caught", "SURVIVED", "BROKEN")
    )
    assert len(caught) == 1 and "stages/sums.py: a * b" in caught[0]
    assert "SURVIVED stages/sums.py: a ** b (tests/test_sums.py::test_sums)" in survived
    assert broken and "stages/sums.py: a +" in broken[0]


def test_a_mistake_that_cannot_be_planted_is_told(tmp_path: Path) -> None:
    """Nothing is run before the table is mended."""
    printed = plant(
        tmp_path, ("a - b", "a", "test_sums"), ("return", "yield", "test_nothing")
    )
    assert "STALE stages/sums.py: a (its text stands there 0 times" in printed
    assert "STALE stages/sums.py: yield (tests/test_sums.py has no test_n" in printed


def test_a_test_that_fails_by_itself_catches_nothing(tmp_path: Path) -> None:
    """It is shown, and nothing is planted."""
    printed = plant(tmp_path, ("a + b", "a * b", "test_more"), five=6)
    assert "These fail without any mistake." in printed
    assert "caught" not in printed
