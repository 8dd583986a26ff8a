"""The table of planted mistakes, and copies of the working tree to plant them in."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

TABLE = Path(__file__).with_name("table.yaml")


@dataclass(frozen=True)
class Mutant:
    """A mistake, and the test that fails with it."""

    file: str
    wrong: str
    """What is wrong, in words."""
    old: str
    new: str
    test: str
    """As pytest names it."""

    def __str__(self) -> str:
        return f"{self.file}: {self.wrong}"

    def find_fault(self, tree: Path) -> str | None:
        """Say why the mistake cannot be planted in a tree; None if it can."""
        file, _, name = self.test.partition("::")
        for path in (self.file, file):
            if not (tree / path).exists():
                return f"there is no {path}"
        name = name.partition("[")[0]
        if not re.search(rf"\bdef {name}\(", (tree / file).read_text()):
            return f"{file} has no {name}"
        found = (tree / self.file).read_text().count(self.old)
        return f"its text stands there {found} times, not once" if found != 1 else None


def read_table(path: Path = TABLE) -> list[Mutant]:
    """Read the planted mistakes, in the order of the file."""
    return [Mutant(**entry) for entry in YAML(typ="safe").load(path)]


def copy_tree(root: Path, target: Path) -> Path:
    """Copy what git knows of a working tree, and what it would add; return the copy."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.check_output(command, cwd=root, text=True)
    for name in filter(None, listed.split("\0")):
        if (root / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name, follow_symlinks=False)
    return target
