"""Shards: the unit of playing that is written whole or not at all.

A shard's episodes depend on nothing but the shard: after any number of kills a rerun
finds the finished ones by their files, plays the rest, and ends with the same bytes.
"""

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from games.session import Episode
from stages.common.cost import Cost, peak_memory_mb, read_cost
from stages.common.episodes import read_episodes, write_episodes
from stages.selfplay.backend import Backend
from stages.selfplay.scheduler import Table, play


class Shards:
    """The shards of one run, in a scratch folder keyed by all that determines them."""

    def __init__(self, folder: Path, num_shards: int) -> None:
        self._folder, self._num = folder, num_shards
        self.done = sum(self._path(index).exists() for index in range(num_shards))

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:05d}-of-{self._num:05d}.parquet"

    def collect(
        self, make: Callable[[int], tuple[Sequence[Episode], Cost]]
    ) -> tuple[list[Episode], Cost]:
        """Make every shard that is not there yet; return all episodes in order.

        With them comes what all shards cost, those of an earlier run included.
        """
        for index in range(self._num):
            if not self._path(index).exists():
                episodes, cost = make(index)
                cost.write(self._path(index).with_suffix(".json"))
                write_episodes(self._path(index), episodes)
        paths = [self._path(index) for index in range(self._num)]
        costs = (read_cost(path.with_suffix(".json")) for path in paths)
        return self._read(), sum(costs, Cost())

    def _read(self) -> list[Episode]:
        return [
            episode
            for index in range(self._num)
            for episode in read_episodes(self._path(index))
        ]


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
