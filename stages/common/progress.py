"""A progress bar of playing: episodes, how many are played, tokens a second, time left.

Goes to stderr, so that a stage's artifacts and printed results stay the same each run.
"""

import time
from collections.abc import Collection
from typing import Protocol

from tqdm import tqdm

from games.contract import Outcome
from games.session import Episode


class _Counts(Protocol):
    @property
    def sampled(self) -> int: ...


class _Backend(Protocol):
    @property
    def tokens(self) -> _Counts: ...


class Progress:
    """A bar over episodes; use as a context manager."""

    def __init__(self, name: str, total: int, *, done: int = 0) -> None:
        self._bar = tqdm(total=total, initial=min(done, total), desc=name, unit="ep")
        self._start = time.monotonic()
        self._episodes = self._played = 0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def show(self, episode: Episode, backends: Collection[_Backend]) -> None:
        """Count a finished episode, and show what the backends have sampled so far."""
        self._episodes += 1
        self._played += episode.outcome != Outcome.ABORTED
        shown = {"played": f"{100 * self._played / self._episodes:.0f}%"}
        if backends:
            sampled = sum(backend.tokens.sampled for backend in backends)
            seconds = time.monotonic() - self._start
            shown["sampled tok/s"] = f"{sampled / seconds:.0f}"
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()
