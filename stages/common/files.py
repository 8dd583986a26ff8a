"""Files that are there whole or not at all, and errors that say what to do."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from games.errors import ArtifactError

DATA = Path("data")
SCRATCH = Path("scratch")
"""Checkpoints and shards; ignored by git and DVC, keyed by params and data."""


@contextmanager
def make_whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path that becomes `path` only if the block succeeds.

    Raises:
        ArtifactError: the file cannot be written (permissions, full disk).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ArtifactError(
            f"{path} cannot be written ({error.strerror or error}): "
            "free some disk space or mend the permissions, and run again"
        ) from error


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    with make_whole_file(path) as temporary:
        text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False)
        temporary.write_text(text + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON artifact.

    Raises:
        ArtifactError: it is missing or damaged.
    """
    try:
        return json.loads(path.read_text())
    except FileNotFoundError as error:
        raise explain_missing(path) from error
    except ValueError as error:
        raise ArtifactError(
            f"{path} is not valid JSON: delete it and run again"
        ) from error


def explain_missing(path: Path) -> ArtifactError:
    """Word the error for an artifact that an earlier stage should have made."""
    return ArtifactError(f"{path} is missing: run `dvc repro` or `dvc checkout` first")


@contextmanager
def make_whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path` only if the block succeeds.

    Raises:
        ArtifactError: the folder cannot be written (permissions, full disk).
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        yield temporary
        if path.exists():
            shutil.rmtree(path)
        temporary.replace(path)
    except OSError as error:
        raise ArtifactError(
            f"{path} cannot be written ({error}): "
            "free some disk space or mend the permissions, and run again"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
