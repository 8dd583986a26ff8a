"""Hashes of files: what lies outside of the study is pinned by one in params.yaml."""

import hashlib
from pathlib import Path

from games.errors import ParamsError


def confirm_pin(found: str, pinned: str | None, what: str, key: str) -> None:
    """Make sure that files outside of the study are those that params.yaml pins.

    Args:
        found: the hash of the files as they are.
        pinned: the hash in params.yaml, or None where it is still to be written.
        what: the files, for the error.
        key: where the hash stands in params.yaml.

    Raises:
        ParamsError: they are others, or not pinned yet.
    """
    if pinned is None:
        raise ParamsError(
            f"{what} must be pinned, so that other files there are noticed: write "
            f"{key}: {found} into params.yaml and run again"
        )
    if found != pinned:
        raise ParamsError(
            f"{what} holds other files than params.yaml pins: restore them, or write "
            f"{key}: {found} to take these"
        )


def fingerprint(path: Path, pattern: str = "*") -> str:
    """Hash a file, or a folder's files by name and content; "none" if it is missing.

    Args:
        path: of the file or the folder.
        pattern: which of a folder's files count, in all folders below it.
    """
    if not path.exists():
        return "none"
    digest = hashlib.sha256()
    files = sorted(path.rglob(pattern)) if path.is_dir() else [path]
    for file in files:
        parts = file.relative_to(path).parts
        if file.is_file() and not any(_is_ignored(part) for part in parts):
            digest.update(file.relative_to(path).as_posix().encode() + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _is_ignored(name: str) -> bool:
    """Tell what neither counts as code nor as data, as .dvcignore does."""
    return name == "__pycache__" or name.startswith(".")
