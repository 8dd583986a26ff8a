"""What steps of decoding draw, on its way to the host."""

import numpy as np
import torch
from torch import Tensor


class Drawn:
    """What some steps draw, once they are done."""

    def __init__(self, said: Tensor, logprobs: Tensor) -> None:
        """Begin to fetch ids and log-probabilities, (steps, R) each."""
        self._done: torch.cuda.Event | None = None
        self._said, self._logprobs = said, logprobs
        if said.device.type == "cuda":
            self._said, self._logprobs = _fetch(said), _fetch(logprobs)
            self._done = torch.cuda.Event()
            self._done.record()

    def wait(self) -> tuple[np.ndarray, np.ndarray]:
        """Wait for ids and their log-probabilities, (steps, R) each."""
        if self._done is not None:
            self._done.synchronize()
        return self._said.numpy(), self._logprobs.numpy()


def _fetch(values: Tensor) -> Tensor:
    """Begin to copy values to the host; they are there after the next wait."""
    there = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
    return there.copy_(values, non_blocking=True)
