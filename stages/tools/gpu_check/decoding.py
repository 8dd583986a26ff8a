"""What the engine's passes take: `python -m stages.tools.gpu_check.decoding NAME`.

Prompts of 400 ids, then steps of decoding with more and more sessions at once. What is
left between these and self-play is the scheduler's, and the ends of replies.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from stages.common.cli import run
from stages.common.policy import Policy
from stages.engines.paged.pages import PAGE
from stages.engines.paged.steps import AT_ONCE, Rows, Steps
from stages.engines.paged.tiles import Part
from stages.tools.gpu_check.found import Figure, synchronize, tell_all
from stages.tools.gpu_check.models import EPISODES, load

_LENGTH, _ROOM = 400, 80
_TOGETHER = (5, 20)
"""Prompts that are computed at once."""
_SESSIONS = (1, 4, 16, 32, 64, 128, 256)


def time_passes(policy: Policy, sessions: int) -> Iterator[Figure]:
    """Time prompts, and steps with up to so many sessions."""
    device, each = policy.model.device.type, -(-(_LENGTH + _ROOM) // PAGE)
    steps = Steps(policy.model, None, policy.chat.ends, 1.0, sessions * each)
    pages = np.arange(1, sessions * each + 1).reshape(sessions, each)
    steps.seat(range(sessions), pages.tolist())
    rng = np.random.default_rng(0)
    ids = rng.integers(3, policy.model.config.vocab_size, (sessions, _LENGTH))
    parts = [Part(n, 0, ids[n].tolist(), pages[n]) for n in range(sessions)]
    for some in (parts[:num] for num in _TOGETHER if num <= sessions):
        seconds = _time_second(partial(steps.prefill, some), device)
        rate, num = round(len(some) * _LENGTH / seconds), len(some) * _LENGTH
        yield Figure("engine", f"prompts, {num:,} ids at once", rate, "ids/s")
    steps.prefill(parts)
    for num in (num for num in _SESSIONS if num <= sessions):
        rows = Rows(
            np.arange(num),
            np.full(num, 7),
            np.full(num, _LENGTH),
            np.full(num, _ROOM),
            rng.random((AT_ONCE, num)),
        )
        seconds = _time_second(partial(_decode, steps, rows), device)
        milliseconds = round(1000 * seconds / AT_ONCE, 3)
        yield Figure("engine", f"a step of {num} sessions", milliseconds, "ms")


def _decode(steps: Steps, rows: Rows) -> None:
    """Take some steps, to their end."""
    steps.decode(rows).wait()


def _time_second(work: Callable[[], object], device: str) -> float:
    """Time work, once it has been done before, in seconds."""
    work()
    synchronize(device)
    start = time.perf_counter()
    work()
    synchronize(device)
    return time.perf_counter() - start


def measure(name: str) -> Iterator[Figure]:
    """Measure one model in bfloat16."""
    for row in time_passes(load(name, "bfloat16"), EPISODES[name]):
        yield Figure(row.part, f"{name}, {row.what}", row.value, row.unit)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=EPISODES)
    name = parser.parse_args().name
    tell_all("engine", measure(name), f"{name}, passes")


if __name__ == "__main__":
    run(main)
