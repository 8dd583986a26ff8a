"""Shards: episodes are played and kept some at a time, each shard whole or not at all.

What a shard holds depends on its jobs and on nothing that was played before. After any
number of kills a rerun finds the finished shards, plays the others, and joins all of
them to the same bytes. Once every file that a stage makes of them is on disk, the stage
deletes its shards, so that they can never be taken for the result of another run.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from games.errors import ArtifactError
from games.session import Episode
from stages.common.cost import Cost, measure_peak_memory, read_cost
from stages.common.episodes import join_episodes, read_columns, write_episodes
from stages.common.files import SCRATCH
from stages.common.progress import Progress
from stages.engines.backend import Backend, TokenCounts
from stages.playing.table import Table, find_backends, play


class Shards:
    """The shards of one run, in a scratch folder of their own.

    A shard is a file of episodes, with a file that tells its cost beside it. A shard
    that a power cut left damaged is deleted, and made again.
    """

    def __init__(self, folder: Path, num_shards: int) -> None:
        self._folder = folder
        self._paths = [
            folder / f"{index:05d}-of-{num_shards:05d}.parquet"
            for index in range(num_shards)
        ]
        for path in self._paths:
            if path.exists():
                _delete_if_damaged(path)

    @property
    def missing(self) -> list[int]:
        """The shards that are still to be made, in order."""
        return [n for n, path in enumerate(self._paths) if not path.exists()]

    @property
    def cost(self) -> Cost:
        """What all shards cost, those of earlier runs included."""
        costs = (read_cost(_locate_cost(path)) for path in self._paths)
        return sum(costs, Cost())

    def add(self, index: int, episodes: Sequence[Episode], cost: Cost) -> None:
        """Keep what one shard holds, and what it cost.

        Raises:
            ArtifactError: it cannot be written; the other shards stay.
        """
        path = self._paths[index]
        # its cost first: a shard counts once its episodes are there
        cost.write(_locate_cost(path))
        write_episodes(path, episodes)

    def join(self, path: Path) -> None:
        """Write the episodes of all shards into one file, in order.

        Raises:
            ArtifactError: it cannot be written, or a shard is missing or damaged.
        """
        join_episodes(path, self._paths)

    def discard(self) -> None:
        """Delete all shards, once everything that is made of them is on disk."""
        for path in self._paths:  # before their costs: no shard may be without its own
            path.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)


def _delete_if_damaged(path: Path) -> None:
    try:
        read_columns(path)
    except ArtifactError:
        print(f"{path} is damaged: these episodes are played again", flush=True)
        path.unlink()


def _locate_cost(path: Path) -> Path:
    return path.with_suffix(".json")


class Meter:
    """Plays the tables of one shard, in one go or in several; counts what that costs.

    A backend starts the shard with nothing in its caches, so that the shard does not
    depend on those before it.
    """

    def __init__(self, batch_size: int, progress: Progress) -> None:
        self._batch_size, self._progress = batch_size, progress
        self._seconds = 0.0
        self._backends: dict[int, Backend] = {}
        self._before = TokenCounts()

    def play(self, tables: Sequence[Table], *, shown: bool = True) -> None:
        """Play tables to their end; `shown` counts them in the progress bar."""
        start = time.monotonic()
        for backend in find_backends(tables):
            if id(backend) not in self._backends:
                self._backends[id(backend)] = backend
                self._before = _add(self._before, backend.tokens)
                backend.reset()
        for table in play(tables, self._batch_size):
            if shown:
                self._progress.show(table.session.episode(), self._backends.values())
        self._seconds += time.monotonic() - start

    @property
    def cost(self) -> Cost:
        """What all that was played here cost so far."""
        now = TokenCounts()
        for backend in self._backends.values():
            now = _add(now, backend.tokens)
        return Cost(
            now.prompt - self._before.prompt,
            now.cached - self._before.cached,
            now.sampled - self._before.sampled,
            seconds=self._seconds,
            peak_memory_mb=measure_peak_memory(),
        )


def _add(counts: TokenCounts, more: TokenCounts) -> TokenCounts:
    return TokenCounts(
        counts.prompt + more.prompt,
        counts.cached + more.cached,
        counts.sampled + more.sampled,
    )


Job = TypeVar("Job")
PlayJobs = Callable[[Sequence[Job], Meter], Sequence[Episode]]
"""(the jobs of a shard, what plays its tables) -> its episodes."""


def play_in_shards(
    name: str,
    key: str,
    jobs: Sequence[Job],
    play_jobs: PlayJobs[Job],
    *,
    shard_size: int,
    batch_size: int,
) -> Shards:
    """Play all jobs, shard by shard; return the shards, every one of them made.

    Args:
        name: of what is played, e.g. "selfplay" or "play/base": the folder in scratch.
        key: of all that decides the episodes; shards of another key are not used.
        jobs: one for each episode to play.
        play_jobs: plays the jobs of one shard by the meter, and returns its episodes.
        shard_size: jobs in a shard.
        batch_size: episodes in flight.

    Raises:
        ArtifactError: a shard cannot be written; those before it stay.
        StudyError: a backend cannot go on; the shards before stay, too.
    """
    parts = [jobs[i : i + shard_size] for i in range(0, len(jobs), shard_size)]
    shards = Shards(SCRATCH / name / key, len(parts))
    todo = shards.missing
    if len(todo) < len(parts):
        done = len(parts) - len(todo)
        print(f"resuming {name}: {done} of {len(parts)} shards are done", flush=True)
    num_done = len(jobs) - sum(len(parts[index]) for index in todo)
    with Progress(name, len(jobs), done=num_done) as progress:
        for index in todo:
            meter = Meter(batch_size, progress)
            episodes = play_jobs(parts[index], meter)
            shards.add(index, episodes, meter.cost)
    return shards
