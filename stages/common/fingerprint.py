"""What a scratch folder's key is made of: the content of the files a stage reads."""

import hashlib
from pathlib import Path

_NO_CODE = {"__pycache__", "benchmark", "benchmark.py"}
"""Nothing depends on these, as .dvcignore says too."""


def fingerprint(path: Path) -> str:
    """Return a hash of a file, or of a folder's files by name and content."""
    digest = hashlib.sha256()
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if file.is_file() and _NO_CODE.isdisjoint(file.relative_to(path).parts):
            digest.update(file.relative_to(path).as_posix().encode() + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
