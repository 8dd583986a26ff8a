"""Keys and values of one session, as far as they are not in a bank.

A session's cache holds exactly its own positions; `stages.engines.local.banks` holds
those of the sessions that decode side by side, `stages.engines.local.packed` runs the
model on both.
"""

from collections.abc import Sequence

import torch
from transformers import PreTrainedConfig

from stages.engines.shape import count_layers, read_heads

_GROWTH = 128
"""Positions by which a session's buffer grows at least."""


class SessionCache:
    """The ids of one session that the model has seen, with their keys and values."""

    def __init__(
        self, config: PreTrainedConfig, dtype: torch.dtype, device: torch.device
    ) -> None:
        heads, dim = read_heads(config)
        shape = count_layers(config), 2, heads, 0, dim
        self._buffer = torch.empty(shape, dtype=dtype, device=device)
        self._layers: Sequence[torch.Tensor] = self._buffer.unbind(0)
        self.ids: list[int] = []
        self.stored = 0
        """Positions that are here; those after them are in a bank."""

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(Layers, 2, heads of keys, dimensions of a head)."""
        layers, two, heads, _, dim = self._buffer.shape
        return layers, two, heads, dim

    def empty(self, shape: Sequence[int]) -> torch.Tensor:
        """Make a tensor where this session's are, and of their type."""
        return self._buffer.new_empty(shape)

    def positions(self, start: int, end: int) -> torch.Tensor:
        """View some positions: (layers, 2, K, end - start, D)."""
        return self._buffer[:, :, :, start:end]

    def reserve(self, length: int) -> None:
        """Make room for so many positions in all."""
        layers, two, heads, room, dim = self._buffer.shape
        if length <= room:
            return
        shape = layers, two, heads, max(length, room + _GROWTH), dim
        grown = self._buffer.new_empty(shape)
        grown[:, :, :, : self.stored] = self.positions(0, self.stored)
        self._buffer, self._layers = grown, grown.unbind(0)

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        del self.ids[length:]
        self.stored = min(self.stored, length)

    def take(self, other: "SessionCache", length: int) -> None:
        """Begin with the first positions of another session."""
        self.reserve(length)
        self.positions(0, length).copy_(other.positions(0, length))
        self.ids, self.stored = other.ids[:length], length

    def write(self, layer: int, new: torch.Tensor, length: int) -> torch.Tensor:
        """Store new keys and values (2, heads, new, dim) of a layer; return all.

        They end at position `length`. Returns (2, heads, length, dim).
        """
        buffer = self._layers[layer]
        num = new.shape[2]
        buffer.narrow(2, length - num, num).copy_(new)
        return buffer.narrow(2, 0, length)
