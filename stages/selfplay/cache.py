"""Keys and values of many sessions, as one batch for the model and one piece a session.

A session's cache is one tensor (layers, 2, heads, length, dim). For a forward pass the
caches of several sessions are copied, left-padded, into one preallocated buffer, which
decoding then fills in place: no concatenation a step.
"""

from collections.abc import Sequence

import torch
from transformers import PretrainedConfig
from transformers.cache_utils import Cache, CacheLayerMixin

KeyValues = torch.Tensor
"""(layers, 2, heads, length, dim)"""


class _BufferLayer(CacheLayerMixin):
    """One layer's view of the batch's buffer."""

    is_sliding = False
    is_croppable = False

    def __init__(self, buffer: torch.Tensor, length: int) -> None:
        super().__init__()
        self._buffer, self._length = buffer, length  # (2, B, heads, max_length, dim)
        self.is_initialized = True

    def lazy_initialization(
        self, key_states: torch.Tensor, value_states: torch.Tensor
    ) -> None:
        """Do nothing: the buffer is there from the start."""

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        *_: object,
        **__: object,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Store the new keys and values, and return all so far."""
        end = self._length + key_states.shape[-2]
        self._buffer[0, :, :, self._length : end] = key_states
        self._buffer[1, :, :, self._length : end] = value_states
        self._length = end
        return self._buffer[0, :, :, :end], self._buffer[1, :, :, :end]

    def get_seq_length(self) -> int:
        """Return how many positions are filled."""
        return self._length

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return (key length, offset) of the attention mask."""
        return self._length + query_length, 0

    def get_max_length(self) -> int:
        """Return the room of the buffer."""
        return self._buffer.shape[-2]


class BatchCache:
    """The caches of several sessions as one left-padded batch.

    Args:
        caches: of each session, None for one that starts afresh.
        room: how many further positions are needed.
    """

    def __init__(
        self,
        config: PretrainedConfig,
        caches: Sequence[KeyValues | None],
        room: int,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self.start = max((c.shape[3] for c in caches if c is not None), default=0)
        heads = config.num_key_value_heads
        dim = getattr(config, "head_dim", None) or (
            config.hidden_size // config.num_attention_heads
        )
        shape = (
            config.num_hidden_layers,
            2,
            len(caches),
            heads,
            self.start + room,
            dim,
        )
        self._buffer = torch.empty(shape, dtype=dtype, device=device)
        self.mask = torch.zeros(
            (len(caches), self.start), dtype=torch.long, device=device
        )  # (B, start): 0 on padding
        for row, cache in enumerate(caches):
            first = self.start - (0 if cache is None else cache.shape[3])
            self._buffer[:, :, row, :, :first] = 0  # masked, but never not-a-number
            if cache is not None:
                self._buffer[:, :, row, :, first : self.start] = cache
                self.mask[row, first:] = 1
        self._make_layers(self.start)

    def _make_layers(self, length: int) -> None:
        layers = [_BufferLayer(buffer, length) for buffer in self._buffer]
        self.for_model = Cache(layers=layers)

    @property
    def length(self) -> int:
        """How many positions are filled, padding included."""
        return self.for_model.get_seq_length()

    def keep(self, rows: torch.Tensor) -> None:
        """Drop all rows but these."""
        length = self.length
        self._buffer = self._buffer[:, :, rows].contiguous()
        self._make_layers(length)

    def row(self, row: int, mask: torch.Tensor) -> KeyValues:
        """Return one session's keys and values where `mask` (length,) is 1."""
        return self._buffer[:, :, row, :, : self.length][..., mask.bool(), :]
