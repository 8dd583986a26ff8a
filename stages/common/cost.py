"""What it cost to make an artifact: tokens, seconds and memory, as a metric.

Work that a kill threw away is not counted: what is kept (a shard, a checkpoint) brings
its cost along. Seconds and memory differ from run to run, and nothing depends on them.
"""

import dataclasses
import json
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from stages.common.files import DATA, write_json


@dataclass(frozen=True)
class Cost:
    """Tokens by what was done with them, and what that took."""

    prompt_tokens: int = 0
    """Of all requests, whether computed or cached."""
    cached_tokens: int = 0
    """Prompt tokens that were not computed again."""
    sampled_tokens: int = 0
    trained_tokens: int = 0
    """That went through the trained model forward and backward, prompts included."""
    seconds: float = 0.0
    peak_memory_mb: int = 0
    """Of the process; on a GPU, of its tensors there."""

    def __add__(self, other: "Cost") -> "Cost":
        sums = {
            field.name: getattr(self, field.name) + getattr(other, field.name)
            for field in dataclasses.fields(self)
        }
        peak = max(self.peak_memory_mb, other.peak_memory_mb)
        return Cost(**sums | {"peak_memory_mb": peak})

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        values = dataclasses.asdict(self)
        write_json(path, values | {"seconds": round(self.seconds, 1)})


def locate_cost(made: str) -> Path:
    """Name the file for the cost of a stage's artifact, e.g. of "play/base"."""
    return DATA / "costs" / f"{made}.json"


def read_cost(path: Path) -> Cost:
    """Read a cost that was kept; no cost at all if there is no such file."""
    return Cost(**json.loads(path.read_text())) if path.exists() else Cost()


def measure_peak_memory() -> int:
    """Measure the most memory that this process had so far, in MiB."""
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        return torch.cuda.max_memory_allocated() // 2**20
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 2**20
