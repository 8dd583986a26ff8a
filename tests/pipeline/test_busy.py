"""Nobody begins while another process is at work, nor in the middle of a merge."""

import json
import os
from pathlib import Path

import pytest

from games.errors import ArtifactError, ParamsError
from pipeline.busy import refuse_busy
from pipeline.conflicts import refuse_conflicts


def note(folder: Path, pid: int) -> Path:
    """Write what DVC notes of a process that makes a file."""
    path = folder / "rwlock"
    process = {"pid": pid, "cmd": "dvc repro"}
    path.write_text(json.dumps({"write": {"data/base": process}, "read": {}}))
    return path


def test_a_process_at_work_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A DVC that runs is named, with what it makes."""
    monkeypatch.setattr("psutil.Process.cmdline", lambda self: ["python", "/bin/dvc"])
    with pytest.raises(ArtifactError, match=r"process \d+ is at work on base"):
        refuse_busy(note(tmp_path, os.getpid()))


def test_a_stale_note_stops_nobody_for_good(tmp_path: Path) -> None:
    """A process that is over is forgotten; one that is another now is named."""
    refuse_busy(tmp_path / "none")
    refuse_busy(note(tmp_path, 2**22 - 1))
    with pytest.raises(ArtifactError, match="is another program now: delete"):
        refuse_busy(note(tmp_path, os.getpid()))
    for text in ("{", "[]", '{"write": {"a": 1}}', '{"read": {"a": [{"pid": 1}]}}'):
        (tmp_path / "rwlock").write_text(text)
        with pytest.raises(ArtifactError, match="damaged"):
            refuse_busy(tmp_path / "rwlock")


@pytest.mark.parametrize("name", ["dvc.yaml", "params.yaml", "dvc.lock"])
def test_a_merge_in_the_middle_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks of a conflict in any file of the graph are one sentence."""
    monkeypatch.chdir(tmp_path)
    refuse_conflicts()
    Path(name).write_text("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n")
    with pytest.raises(ParamsError, match=f"{name} has a merge conflict in line 2"):
        refuse_conflicts()
