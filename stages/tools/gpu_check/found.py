"""What a part of the check has found: a row of the table, printed as a line of JSON."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

_MARK = '{"part"'


@dataclass(frozen=True)
class Figure:
    """One figure, or why there is none."""

    part: str
    """E.g. self-play."""
    what: str
    value: float | str
    unit: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    """E.g. seconds, and the peak of the GPU's memory in GiB."""

    def tell(self) -> None:
        """Print it, for the process that has started this one."""
        print(json.dumps(asdict(self)), flush=True)

    def __str__(self) -> str:
        value = f"{self.value:,}" if isinstance(self.value, int) else str(self.value)
        return f"{self.part:10} {self.what:42} {value:>10} {self.unit}".rstrip()


def read_figure(line: str) -> Figure | None:
    """Read the figure that a line is; None if it is none."""
    return Figure(**json.loads(line)) if line.startswith(_MARK) else None


def measure_rate(work: Callable[[], int], device: str) -> tuple[int, dict[str, Any]]:
    """Measure units of work a second, and what it took; `work` counts its units."""
    reset_peak(device)
    start = time.perf_counter()
    done = work()
    synchronize(device)
    seconds = time.perf_counter() - start
    return round(done / seconds), {"seconds": round(seconds, 2)} | measure_peak(device)


def synchronize(device: str) -> None:
    """Wait until the device has done all it was given."""
    if device == "cuda":
        torch.cuda.synchronize()


def reset_peak(device: str) -> None:
    """Forget how much memory was used so far."""
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def measure_peak(device: str) -> dict[str, float]:
    """Measure the most GiB of a GPU that were in use."""
    if device != "cuda":
        return {}
    return {"gib": round(torch.cuda.max_memory_allocated() / 2**30, 1)}


def tell_all(part: str, rows: Iterator[Figure], what: str) -> None:
    """Print rows as they are found; one that fails says why, and ends it."""
    try:
        for row in rows:
            row.tell()
    except (RuntimeError, ValueError, TypeError, OSError) as error:
        why = " ".join(str(error).split())[:300]
        Figure(part, what, "failed", more={"error": why}).tell()
