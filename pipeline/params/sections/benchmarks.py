"""The section `benchmarks`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from games.errors import ParamsError
from pipeline.params.pins import confirm_pin, fingerprint
from pipeline.params.schema import Count, Section, Text, Texts
from pipeline.params.sections.base import Sha256


class TaskFolder(Section):
    """A folder of lm-eval tasks, pinned by its files' hash; null: the check says it."""

    path: Text
    sha256: Sha256 | None


class Benchmarks(Section):
    """What else policies are evaluated on."""

    tasks: Literal["own"] | Annotated[Texts, Field(min_length=1)]
    folders: list[TaskFolder]
    """Where lm-eval finds tasks that neither the project nor lm-eval has."""
    items: Count
    batch_size: Count

    @property
    def names(self) -> list[str]:
        """The names of tasks and groups; `own` stands for all of our own tasks."""
        return ["own"] if self.tasks == "own" else list(self.tasks)


def confirm_folders(settings: Benchmarks) -> list[Path]:
    """List the folders of a user's tasks, whose files are those that are pinned.

    Raises:
        ParamsError: they are others, or not pinned yet, or there is no such folder.
    """
    folders = []
    for number, folder in enumerate(settings.folders):
        where = f"benchmarks.folders.{number}"
        if not Path(folder.path).is_dir():
            raise ParamsError(f"{where}.path: there is no folder {folder.path}")
        found = fingerprint(Path(folder.path))
        confirm_pin(found, folder.sha256, folder.path, f"{where}.sha256")
        folders.append(Path(folder.path))
    return folders
