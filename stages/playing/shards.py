"""Shards: the unit of playing that is written whole or not at all.

A shard's episodes depend on nothing but the shard: after any number of kills a rerun
finds the finished ones by their files, plays the rest, and ends with the same bytes.
"""

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from games.errors import ArtifactError
from games.session import Episode
from stages.common.cost import Cost, peak_memory_mb, read_cost
from stages.common.episodes import read_episodes, write_episodes
from stages.engines.backend import Backend
from stages.playing.table import Table, play


class Shards:
    """The shards of one run, in a scratch folder keyed by all that determines them.

    A shard that a power cut left damaged is deleted, and made again.
    """

    def __init__(self, folder: Path, num_shards: int) -> None:
        self._folder, self._num = folder, num_shards
        self._episodes: dict[int, list[Episode]] = {}
        for index in range(num_shards):
            if self._path(index).exists():
                self._read(index)

    @property
    def done(self) -> int:
        """Return how many shards are there."""
        return len(self._episodes)

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:05d}-of-{self._num:05d}.parquet"

    def _read(self, index: int) -> None:
        path = self._path(index)
        try:
            self._episodes[index] = read_episodes(path)
        except ArtifactError:
            print(f"{path} is damaged: these episodes are played again", flush=True)
            path.unlink()

    def collect(
        self, make: Callable[[int], tuple[Sequence[Episode], Cost]]
    ) -> tuple[list[Episode], Cost]:
        """Make every shard that is not there yet; return all episodes in order.

        With them comes what all shards cost, those of an earlier run included.

        Raises:
            ArtifactError: a shard cannot be written; those before it stay.
        """
        for index in range(self._num):
            if index not in self._episodes:
                episodes, cost = make(index)
                cost.write(self._path(index).with_suffix(".json"))
                write_episodes(self._path(index), episodes)
                self._read(index)
        paths = [self._path(index) for index in range(self._num)]
        costs = (read_cost(path.with_suffix(".json")) for path in paths)
        episodes = [e for index in range(self._num) for e in self._episodes[index]]
        return episodes, sum(costs, Cost())


def played(
    tables: Sequence[Table],
    batch_size: int,
    backends: Collection[Backend],
    show: Callable[[Episode], None],
) -> tuple[list[Episode], Cost]:
    """Play a shard's tables; return the episodes in their order, and the cost.

    `backends` may grow meanwhile; `show` is told of each episode as it ends.
    """
    start, before = time.monotonic(), _tokens(backends)
    for table in play(tables, batch_size):
        show(table.session.episode())
    tokens = [now - then for now, then in zip(_tokens(backends), before, strict=True)]
    seconds = time.monotonic() - start
    cost = Cost(*tokens, seconds=seconds, peak_memory_mb=peak_memory_mb())
    return [table.session.episode() for table in tables], cost


def _tokens(backends: Collection[Backend]) -> tuple[int, int, int]:
    """Return (prompt, cached, sampled) tokens of all backends so far."""
    counts = [backend.tokens for backend in backends]
    return (
        sum(count.prompt for count in counts),
        sum(count.cached for count in counts),
        sum(count.sampled for count in counts),
    )
