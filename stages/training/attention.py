"""Attention over a tree of rows, without a mask of all ids by all ids.

On a CPU, and on a GPU where nothing else works, node by node: its ids attend to the
nodes above and to themselves. On a GPU by FlexAttention, whose blocks skip what is not
seen. Both are registered with transformers as attention implementations.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention.bias import causal_lower_right
from torch.nn.attention.flex_attention import (
    BlockMask,
    create_block_mask,
    flex_attention,
)
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel

from stages.training.tree import Node, Tree

BLOCKS, FLEX = "tree_blocks", "tree_flex"


@contextmanager
def attending(model: PreTrainedModel, how: str) -> Iterator[None]:
    """Let a model attend over a tree for a while, as BLOCKS or FLEX do."""
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = how
    try:
        yield
    finally:
        config._attn_implementation = before


def _block_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: None,
    *,
    tree: Tree,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    **_: object,
) -> tuple[Tensor, None]:
    """Attend: query (1, H, T, D), key and value (1, K, T, D) -> (1, T, H, D)."""
    outputs = []
    for node in tree.nodes:
        spans = [slice(one.start, one.end) for one in (*node.above, node)]
        keys, values = (
            torch.cat([states[:, :, span] for span in spans], 2)
            for states in (key, value)
        )
        window = sliding_window
        if window is not None and window >= keys.shape[2]:
            window = None
        queries = query[:, :, spans[-1]]
        if softcap is None:
            mask = _mask_of(tree, node, window, query)
            seen = scaled_dot_product_attention(
                queries,
                keys,
                values,
                attn_mask=mask,
                scale=scaling,
                enable_gqa=query.shape[1] != key.shape[1],
            )
        else:
            mask = tree.mask(node, window, query)
            seen = _capped_attention(queries, keys, values, mask, scaling, softcap)
        outputs.append(seen)
    return torch.cat(outputs, 2).transpose(1, 2).contiguous(), None


def _mask_of(tree: Tree, node: Node, window: int | None, query: Tensor) -> Tensor:
    if query.device.type == "cuda" and window is None:
        # no mask at all is made of it there
        return causal_lower_right(len(node), node.position + len(node))
    return tree.mask(node, window, query)


def _capped_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor,
    scaling: float | None,
    softcap: float,
) -> Tensor:
    """Attend as Gemma 2 does: no fused kernel caps its scores."""
    groups = query.shape[1] // key.shape[1]
    key, value = (x.repeat_interleave(groups, 1) for x in (key, value))
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    scores = torch.tanh(query @ key.transpose(2, 3) * scale / softcap) * softcap
    return (scores + mask).softmax(-1, torch.float32).to(value.dtype) @ value


def _flex_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: None,
    *,
    tree: Tree,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    **_: object,
) -> tuple[Tensor, None]:
    """Attend: query (1, H, T, D), key and value (1, K, T, D) -> (1, T, H, D)."""

    def capped(score: Tensor, *_: Tensor) -> Tensor:
        cap = softcap or 1.0  # without a cap nobody calls this
        return cap * torch.tanh(score / cap)

    seen = _compiled(query.device.type)(
        query,
        key,
        value,
        score_mod=None if softcap is None else capped,
        block_mask=block_mask(tree, sliding_window, query.device),
        scale=scaling,
        enable_gqa=query.shape[1] != key.shape[1],
    )
    return seen.transpose(1, 2).contiguous(), None


@cache
def _compiled(device: str) -> Callable[..., Tensor]:
    """Compile FlexAttention; on a CPU, where only tests use it, take it as it is."""
    plain: Any = flex_attention
    return plain if device == "cpu" else torch.compile(plain)


def block_mask(tree: Tree, window: int | None, device: torch.device) -> BlockMask:
    """Make the mask of which blocks of ids see which, once a tree and window."""
    if window not in tree.block_masks:
        ends = torch.tensor(tree.ends, device=device)
        positions = torch.tensor(tree.positions, device=device)

        def sees(batch: Tensor, head: Tensor, one: Tensor, other: Tensor) -> Tensor:
            seen = (other <= one) & (one < ends[other])
            if window is not None:
                seen &= positions[one] - positions[other] < window
            return seen

        size = len(tree.ids)
        tree.block_masks[window] = create_block_mask(
            sees, None, None, size, size, device, _compile=device.type == "cuda"
        )
    return tree.block_masks[window]


AttentionInterface.register(BLOCKS, _block_attention)
AttentionInterface.register(FLEX, _flex_attention)
