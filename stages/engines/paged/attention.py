"""Attention over pages, for prompts and decoding alike.

New ids of many sessions lie in one row. They are attended from in tiles: a few
consecutive ids of one session, which see all that its pages hold up to themselves.
Registered with transformers as the attention implementation "paged" (its attention
interface). On a GPU a kernel does it; on a CPU it is spelled out, for tests and for
whoever wants to read what the kernel computes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedConfig, PreTrainedModel

from stages.engines.paged.kernels.attention import attend as by_kernel
from stages.engines.paged.pages import PAGE
from stages.engines.paged.tiles import Tiles
from stages.engines.shape import count_layers, read_heads

PAGED = "paged"


@dataclass(frozen=True)
class Memory:
    """Keys and values of all pages, one tensor a layer: (positions, K, D)."""

    keys: list[Tensor]
    values: list[Tensor]

    @classmethod
    def allocate(
        cls,
        config: PreTrainedConfig,
        pages: int,
        dtype: torch.dtype,
        device: torch.device,
    ) -> "Memory":
        """Allocate memory for so many pages."""
        layers, shape = count_layers(config), (pages * PAGE, *read_heads(config))
        # zeros: what nobody has written is multiplied by 0, and 0 x NaN is NaN
        return cls(
            [torch.zeros(shape, dtype=dtype, device=device) for _ in range(layers)],
            [torch.zeros(shape, dtype=dtype, device=device) for _ in range(layers)],
        )


@dataclass(frozen=True)
class Paged:
    """What the attention of one forward pass works on."""

    memory: Memory
    tiles: Tiles
    by_kernel: bool

    def attend(
        self, layer: int, query: Tensor, scale: float, window: int | None
    ) -> Tensor:
        """Attend from queries (T, H, D) to what memory holds now: (T, H, D)."""
        keys, values = self.memory.keys[layer], self.memory.values[layer]
        compute = by_kernel if self.by_kernel else _attend
        return compute(query, keys, values, self.tiles, scale, window)


def _attend(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    tiles: Tiles,
    scale: float,
    window: int | None,
) -> Tensor:
    """Attend tile by tile, as one would on paper."""
    output, groups = torch.zeros_like(query), query.shape[1] != keys.shape[1]
    inside = torch.arange(PAGE, device=query.device)
    for seat, start, length in zip(
        tiles.seats.tolist(), tiles.starts.tolist(), tiles.lengths.tolist(), strict=True
    ):
        own = tiles.positions[start : start + length]
        num = int(own[-1]) + 1
        pages = tiles.tables[seat, : -(-num // PAGE)].long()
        held = (pages[:, None] * PAGE + inside).flatten()[:num]
        every = torch.arange(num, device=query.device)
        seen = every[None] <= own[:, None]
        if window is not None:
            seen &= every[None] > own[:, None] - window
        output[start : start + length] = scaled_dot_product_attention(
            query[None, start : start + length].transpose(1, 2),
            keys[held][None].transpose(1, 2),
            values[held][None].transpose(1, 2),
            attn_mask=seen,
            scale=scale,
            enable_gqa=groups,
        )[0].transpose(0, 1)
    return output


def _attend_paged(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: None,
    *,
    paged: Paged,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **_: object,
) -> tuple[Tensor, None]:
    """Attend: query (1, H, T, D), key and value (1, K, T, D) -> (1, T, H, D)."""
    layer, places = module.layer_idx, paged.tiles.places
    paged.memory.keys[layer].index_copy_(0, places, key[0].transpose(0, 1))
    paged.memory.values[layer].index_copy_(0, places, value[0].transpose(0, 1))
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    queries = query[0].transpose(0, 1)
    return paged.attend(layer, queries, scale, sliding_window)[None], None


AttentionInterface.register(PAGED, _attend_paged)


@contextmanager
def attending_to_pages(model: PreTrainedModel | PeftModel) -> Iterator[None]:
    """Let a model attend that way for a while."""
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = PAGED
    try:
        yield
    finally:
        config._attn_implementation = before
