"""Shards: the unit of self-play that is written whole or not at all.

A shard's episodes depend on nothing but the shard: after any number of kills a rerun
finds the finished ones by their files, plays the rest, and ends with the same bytes.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from games.session import Episode
from stages.common.episodes import read_episodes, write_episodes


class Shards:
    """The shards of one run, in a scratch folder keyed by all that determines them."""

    def __init__(self, folder: Path, num_shards: int) -> None:
        self._folder, self._num = folder, num_shards
        self.done = sum(self._path(index).exists() for index in range(num_shards))

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:05d}-of-{self._num:05d}.parquet"

    def collect(self, make: Callable[[int], Sequence[Episode]]) -> list[Episode]:
        """Make every shard that is not there yet; return all episodes in order."""
        for index in range(self._num):
            if not self._path(index).exists():
                write_episodes(self._path(index), make(index))
        return [
            episode
            for index in range(self._num)
            for episode in read_episodes(self._path(index))
        ]
