"""Keys and values of one session, and the attention that reads them without padding.

A forward pass packs the new ids of many sessions into one row: linear layers see them
as one batch, and attention runs session by session over exactly what each one holds. So
no session is padded to the longest, none is copied into a batch, and prompts and single
decoded tokens go through the model together. Registered with transformers as the
attention implementation "ragged" (its attention interface).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedConfig, PreTrainedModel

RAGGED = "ragged"
_GROWTH = 128
"""Positions by which a session's buffer grows at least."""


class SessionCache:
    """The ids of one session that the model has seen, with their keys and values."""

    def __init__(
        self, config: PreTrainedConfig, dtype: torch.dtype, device: torch.device
    ) -> None:
        heads = config.num_key_value_heads
        dim = getattr(config, "head_dim", None) or (
            config.hidden_size // config.num_attention_heads
        )
        shape = config.num_hidden_layers, 2, heads, 0, dim
        self._buffer = torch.empty(shape, dtype=dtype, device=device)
        self._layers: Sequence[torch.Tensor] = self._buffer.unbind(0)
        self.ids: list[int] = []

    def reserve(self, length: int) -> None:
        """Make room for so many positions in all."""
        layers, two, heads, room, dim = self._buffer.shape
        if length <= room:
            return
        shape = layers, two, heads, max(length, room + _GROWTH), dim
        grown = self._buffer.new_empty(shape)
        kept = len(self.ids)
        grown[:, :, :, :kept] = self._buffer[:, :, :, :kept]
        self._buffer, self._layers = grown, grown.unbind(0)

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        del self.ids[length:]

    def take(self, other: "SessionCache", length: int) -> None:
        """Begin with the first positions of another session."""
        self.reserve(length)
        self._buffer[:, :, :, :length] = other._buffer[:, :, :, :length]
        self.ids = other.ids[:length]

    def write(self, layer: int, new: torch.Tensor, length: int) -> torch.Tensor:
        """Store new keys and values (2, heads, new, dim) of a layer; return all.

        They end at position `length`. Returns (2, heads, length, dim).
        """
        buffer = self._layers[layer]
        num = new.shape[2]
        buffer.narrow(2, length - num, num).copy_(new)
        return buffer.narrow(2, 0, length)


@dataclass
class Segment:
    """The new ids of one session in a packed forward pass."""

    cache: SessionCache
    num: int
    _mask: torch.Tensor | None = None

    @property
    def length(self) -> int:
        """Return how many positions the session has after this pass."""
        return len(self.cache.ids) + self.num

    def mask(self, window: int | None, device: torch.device) -> torch.Tensor:
        """Return which positions each new id sees: (new, length)."""
        if self._mask is None:
            seen = torch.ones(self.num, self.length, dtype=torch.bool, device=device)
            self._mask = seen.tril(self.length - self.num)
        if window is None:
            return self._mask
        return self._mask.triu(self.length - self.num - window + 1)


def _ragged_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: None,
    *,
    segments: Sequence[Segment],
    scaling: float | None = None,
    sliding_window: int | None = None,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """Attend session by session: query (1, H, T, D), key and value (1, K, T, D)."""
    heads, kv_heads, dim = query.shape[1], key.shape[1], query.shape[3]
    new = torch.cat([key, value])  # (2, K, T, D)
    # the heads that share a key become the queries of one: nothing is repeated
    single = query[0].transpose(0, 1).reshape(-1, 1, kv_heads, heads // kv_heads, dim)
    outputs, start = [], 0
    for segment in segments:
        num, length = segment.num, segment.length
        part = new.narrow(2, start, num)
        held = segment.cache.write(module.layer_idx, part, length)
        if num == 1:
            if sliding_window is not None and length > sliding_window:
                held = held[:, :, -sliding_window:]
            keys, values = held.split(1)
            seen = scaled_dot_product_attention(
                single[start], keys, values, scale=scaling
            )
            outputs.append(seen.reshape(1, heads, dim))
        else:
            keys, values = held.split(1)
            seen = scaled_dot_product_attention(
                query.narrow(2, start, num),
                keys,
                values,
                attn_mask=segment.mask(sliding_window, query.device),
                scale=scaling,
                enable_gqa=heads != kv_heads,
            )
            outputs.append(seen[0].transpose(0, 1))
        start += num
    return torch.cat(outputs)[None], None  # (1, T, H, D)


AttentionInterface.register(RAGGED, _ragged_attention)


@contextmanager
def ragged(model: PreTrainedModel) -> Iterator[None]:
    """Let a model attend session by session for a while."""
    config = model.config
    before = config._attn_implementation
    config._attn_implementation = RAGGED
    try:
        yield
    finally:
        config._attn_implementation = before


def forward(
    model: PreTrainedModel,
    segments: Sequence[Segment],
    ids: Sequence[list[int]],
    wanted: Sequence[int],
) -> torch.Tensor:
    """Run the model on new ids of many sessions; their caches then hold them.

    Args:
        model: a causal model of transformers.
        segments: the session of each row of `ids`.
        ids: the new ids of each session.
        wanted: places in `ids` of the sessions whose next id is asked for.

    Returns:
        The logits of the next id of each wanted session: (W, V), float32.
    """
    for segment in segments:
        segment.cache.reserve(segment.length)
    packed = [token for new in ids for token in new]
    positions = [p for s in segments for p in range(len(s.cache.ids), s.length)]
    ends, end = [], 0
    for new in ids:
        end += len(new)
        ends.append(end - 1)
    device = model.device
    with ragged(model), torch.no_grad():
        logits = model(
            input_ids=torch.tensor([packed], device=device),
            position_ids=torch.tensor([positions], device=device),
            use_cache=False,
            logits_to_keep=torch.tensor(
                [ends[w] for w in wanted], dtype=torch.long, device=device
            ),
            segments=segments,
        ).logits[0]
    for segment, new in zip(segments, ids, strict=True):
        segment.cache.ids += new
    return logits.float()
