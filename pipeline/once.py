"""What DVC does for each stage, done once for a graph of many.

DVC parses params.yaml, and walks through all of it, for each stage whose parameters it
reads or compares: work that grows with the square of the study. And it hashes a file of
code for each stage that depends on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, reduce
from operator import getitem
from typing import Any
from unittest.mock import patch

from dvc.dependency import param
from dvc.dependency.base import Dependency
from dvc.fs import FileSystem
from dvc_data.hashfile.hash_info import HashInfo


@contextmanager
def look_once() -> Iterator[None]:
    """Make DVC read files of parameters and hash dependencies once in this context.

    It is for questions only: what a stage changes in the meantime is not seen.
    """
    read, hash_one = param.read_param_file, Dependency.get_hash
    parse = cache(read)
    hashes: dict[str, HashInfo] = {}

    def read_param_file(
        fs: FileSystem,
        path: str,
        key_paths: list[str] | None = None,
        flatten: bool = False,
    ) -> Any:
        if not key_paths or not flatten:
            return read(fs, path, key_paths, flatten)
        found: dict[str, Any] = {}
        for key in key_paths:
            try:
                found[key] = reduce(getitem, key.split("."), parse(fs, path))
            except (KeyError, TypeError):  # nothing, or the number of a list's item
                found |= read(fs, path, [key], flatten)
        return found

    def get_hash(dependency: Dependency) -> HashInfo:
        if dependency.fs.protocol != "local":
            return hash_one(dependency)
        if dependency.fs_path not in hashes:
            hashes[dependency.fs_path] = hash_one(dependency)
        return hashes[dependency.fs_path]

    with (
        patch.object(param, "read_param_file", read_param_file),
        patch.object(Dependency, "get_hash", get_hash),
    ):
        yield
