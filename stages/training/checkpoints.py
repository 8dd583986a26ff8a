"""Checkpoints of a training run: where they lie, which is the last whole one.

A run's folder is named by the key of its stage (`stages.common.keys`), so that a run
never goes on from another run's checkpoint. A checkpoint counts only once it is marked
as whole, which is the last thing written.
"""

import shutil
from pathlib import Path

from stages.common.files import SCRATCH

_MARK = "whole"


class Checkpoints:
    """The checkpoints of one training run.

    Args:
        policy: the id of the policy in training, e.g. "sft/sft/0".
        key: of all that decides the result.
    """

    def __init__(self, policy: str, key: str) -> None:
        self.folder = SCRATCH / policy / key

    def path(self, step: int) -> Path:
        """Name the folder of the checkpoint after `step` steps."""
        return self.folder / f"checkpoint-{step}"

    def mark(self, step: int) -> None:
        """Declare the checkpoint of a step whole."""
        (self.path(step) / _MARK).touch()

    def last(self) -> tuple[int, Path] | None:
        """Find (step, folder) of the last whole checkpoint; delete torn ones."""
        whole = {}
        for path in self.folder.glob("checkpoint-*"):
            if (path / _MARK).exists():
                whole[int(path.name.removeprefix("checkpoint-"))] = path
            else:
                shutil.rmtree(path)
        return max(whole.items()) if whole else None

    def discard(self) -> None:
        """Delete the run's folder, once its result is in place."""
        shutil.rmtree(self.folder, ignore_errors=True)
