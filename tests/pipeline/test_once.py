"""What many stages share is looked at once, and the answer is DVC's."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dvc.dependency import param
from dvc.dependency.base import Dependency
from dvc.repo import Repo

from pipeline.once import look_once

# DVC itself uses what its library deprecates
pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
STAGES = """
stages:
  a:
    matrix: {number: [x, y, z]}
    cmd: echo ${item.number} > ${item.number}
    deps: [code.py]
    params: [text, "section.${item.number}", list.0, absent]
    outs: ["${item.number}"]
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repo]:
    """A repository of three stages that read the same two files."""
    monkeypatch.chdir(tmp_path)
    Path("code.py").touch()
    section = "section: {x: a, y: b, z: c}\nlist: [a]\nabsent: 1\ntext: a\n"
    Path("params.yaml").write_text(section)
    Path("dvc.yaml").write_text(STAGES)
    with Repo.init(".", no_scm=True) as made:
        made.reproduce()
        yield made


def test_a_file_is_parsed_and_hashed_once(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three stages share parameters and code: one parse, one hash."""
    calls: Counter[str] = Counter()
    read, get_hash = param.read_param_file, Dependency.get_hash

    def count_reads(*arguments: Any, **options: Any) -> Any:
        calls["parsed"] += len(arguments) == 2
        return read(*arguments, **options)

    def count_hashes(dependency: Dependency) -> Any:
        calls[dependency.def_path] += 1
        return get_hash(dependency)

    monkeypatch.setattr(param, "read_param_file", count_reads)
    monkeypatch.setattr(Dependency, "get_hash", count_hashes)
    with look_once():
        assert not repo.status()
    assert calls["parsed"] == calls["code.py"] == 1


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("params.yaml", "text: a", "text: b"),
        ("params.yaml", "y: b", "y: a"),
        ("params.yaml", "list: [a]", "list: [b]"),
        ("params.yaml", "absent: 1\n", ""),
        ("params.yaml", "section:", "other:"),
        ("code.py", "", "# a comment"),
    ],
)
def test_the_answer_is_that_of_dvc(repo: Repo, file: str, old: str, new: str) -> None:
    """Whatever changed: a value, one key of a section, an item of a list, a file."""
    path = Path(file)
    path.write_text(path.read_text().replace(old, new, 1))
    expected = repo.status()
    assert expected
    with look_once():
        assert repo.status() == expected
