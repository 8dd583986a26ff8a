"""Files of the graph that git has left in the middle of a merge, refused by name."""

from pathlib import Path

from pipeline.params.files import refuse_conflict

FILES = ("dvc.yaml", "params.yaml", "dvc.lock")


def refuse_conflicts() -> None:
    """Refuse a graph of which git has left both sides of a merge in one file.

    Raises:
        ParamsError: it did.
    """
    for path in map(Path, FILES):
        if path.is_file():
            refuse_conflict(path, path.read_text(encoding="utf-8", errors="replace"))
