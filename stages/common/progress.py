"""A progress bar with what matters in self-play: episodes, played, tokens/s, time left.

Goes to stderr, so that a stage's artifacts and printed results stay the same each run.
"""

import time
from typing import Protocol

from tqdm import tqdm

from games.contract import Outcome
from games.session import Episode


class _Counts(Protocol):
    sampled: int
    prompt: int


class _Engine(Protocol):
    tokens: _Counts


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

    def update(self, episode: Episode, engine: _Engine | None) -> None:
        """Count a finished episode."""
        self._episodes += 1
        self._played += episode.outcome != Outcome.ABORTED
        shown = {"played": f"{100 * self._played / self._episodes:.0f}%"}
        if engine is not None:
            seconds = time.monotonic() - self._start
            shown["sampled tok/s"] = f"{engine.tokens.sampled / seconds:.0f}"
        self._bar.set_postfix(shown, refresh=False)
        self._bar.update()
