"""One forward pass over new ids of many sessions, packed into one row.

Linear layers see all new ids as one batch, whether they are prompts or single decoded
tokens. Attention runs bank by bank over the sessions that decode, and session by
session over the parts of prompts, each over exactly what it holds. Registered with
transformers as the attention implementation "packed" (its attention interface).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel

from stages.engines.local.banks import Banks
from stages.engines.local.cache import SessionCache

PACKED = "packed"


@dataclass
class Part:
    """The next part of a session's prompt."""

    cache: SessionCache
    ids: list[int]
    wanted: bool
    """Whether the id after it is asked for."""
    _masks: dict[int | None, Tensor] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Count the positions that the session has after this pass."""
        return len(self.cache.ids) + len(self.ids)

    def mask(self, window: int | None, device: torch.device) -> Tensor:
        """Mark the positions that each new id sees: (new, length)."""
        if window not in self._masks:
            num, length = len(self.ids), self.length
            seen = torch.ones(num, length, dtype=torch.bool, device=device)
            seen = seen.tril(length - num)
            if window is not None:
                seen = seen.triu(length - num - window + 1)
            self._masks[window] = seen
        return self._masks[window]

    def attend(
        self,
        layer: int,
        query: Tensor,
        new: Tensor,
        scale: float,
        window: int | None,
    ) -> Tensor:
        """Attend from new ids: query (H, new, D), new (2, K, new, D) -> (new, H, D)."""
        held = self.cache.write(layer, new, self.length)
        keys, values = held.split(1)
        seen = scaled_dot_product_attention(
            query[None],
            keys,
            values,
            attn_mask=self.mask(window, query.device),
            scale=scale,
            enable_gqa=query.shape[0] != new.shape[1],
        )
        return seen[0].transpose(0, 1)


def _packed_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: None,
    *,
    banks: Banks,
    parts: Sequence[Part],
    scaling: float | None = None,
    sliding_window: int | None = None,
    **_: object,
) -> tuple[Tensor, None]:
    """Attend: query (1, H, T, D), key and value (1, K, T, D) -> (1, T, H, D)."""
    layer: Any = module.layer_idx
    heads, dim, kv_heads = query.shape[1], query.shape[3], key.shape[1]
    new = torch.cat([key, value])  # (2, K, T, D)
    # the heads that share a key become the queries of one: nothing is repeated
    shared = kv_heads, heads // kv_heads, dim
    scale = dim**-0.5 if scaling is None else scaling
    outputs, start = [], 0
    for bank in banks:
        end = start + len(bank)
        queries = query[0, :, start:end].transpose(0, 1).reshape(-1, *shared)
        entries = new[:, :, start:end].transpose(1, 2)
        seen = bank.attend(layer, queries, entries, scale, sliding_window)
        outputs.append(seen.reshape(-1, heads, dim))
        start = end
    for part in parts:
        end = start + len(part.ids)
        outputs.append(
            part.attend(
                layer,
                query[0, :, start:end],
                new[:, :, start:end],
                scale,
                sliding_window,
            )
        )
        start = end
    return torch.cat(outputs)[None], None


AttentionInterface.register(PACKED, _packed_attention)


@contextmanager
def packed(model: PreTrainedModel | PeftModel) -> Iterator[None]:
    """Let a model attend that way for a while."""
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = PACKED
    try:
        yield
    finally:
        config._attn_implementation = before


def forward(
    model: PreTrainedModel | PeftModel,
    banks: Banks,
    last_ids: Sequence[int],
    parts: Sequence[Part],
) -> Tensor:
    """Run the model on new ids of many sessions; their caches then hold them.

    Args:
        model: a causal model of transformers.
        banks: the sessions that decode.
        last_ids: the last id of each of them, in the banks' order.
        parts: of the prompts of others.

    Returns:
        The logits of the next id of each session that decodes, and then of each part
        that wants one: (W, V), float32.
    """
    decoding = [cache for bank in banks for cache in bank.caches]
    for bank in banks:
        bank.begin_step()
    ids, positions = list(last_ids), [len(cache.ids) for cache in decoding]
    wanted = list(range(len(decoding)))
    for part in parts:
        part.cache.reserve(part.length)
        positions += range(len(part.cache.ids), part.length)
        ids += part.ids
        if part.wanted:
            wanted.append(len(ids) - 1)
    device = model.device
    with packed(model), torch.no_grad():
        logits = model(
            input_ids=torch.tensor([ids], device=device),
            position_ids=torch.tensor([positions], device=device),
            use_cache=False,
            logits_to_keep=torch.tensor(wanted, dtype=torch.long, device=device),
            banks=banks,
            parts=parts,
        ).logits[0]
    for cache, new in zip(decoding, last_ids, strict=True):
        cache.ids.append(new)
    for part in parts:
        part.cache.ids += part.ids
        part.cache.stored = len(part.cache.ids)
    return logits.float()
