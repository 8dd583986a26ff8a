"""Layers of well-known models, the same in fewer launches.

A step of decoding is hundreds of small launches; most of them are sums and products
that one kernel does together. Layers of classes that are known here (Llama's, and those
that copy it) compute so for a while; all others, and those with adapters where that
matters, compute as they always do.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers.models.llama import modeling_llama as llama
from transformers.models.mistral import modeling_mistral as mistral
from transformers.models.qwen2 import modeling_qwen2 as qwen2
from transformers.models.qwen3 import modeling_qwen3 as qwen3

from stages.engines.paged.attention import Paged
from stages.engines.paged.kernels import layers as kernels

_NORMS = (
    llama.LlamaRMSNorm,
    mistral.MistralRMSNorm,
    qwen2.Qwen2RMSNorm,
    qwen3.Qwen3RMSNorm,
)
_GATED = (llama.LlamaMLP, mistral.MistralMLP, qwen2.Qwen2MLP, qwen3.Qwen3MLP)
_ATTENTIONS = (llama.LlamaAttention, mistral.MistralAttention, qwen2.Qwen2Attention)

Forward = Callable[..., object]
Layer = Any
"""A module whose attributes are known by its class, not by its type."""


class FusedLayers:
    """The layers of a model that can compute in fewer launches."""

    def __init__(self, model: nn.Module) -> None:
        """Find them; the weights of layers that read the same are laid side by side."""
        self._layers: list[tuple[nn.Module, Forward]] = []
        for layer in model.modules():
            forward = _fuse(layer)
            if forward is not None:
                self._layers.append((layer, forward))

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let the model compute so for a while."""
        for layer, forward in self._layers:
            layer.forward = forward
        try:
            yield
        finally:
            for layer, _ in self._layers:
                del layer.forward


def _fuse(layer: Layer) -> Forward | None:
    """Make a function that computes a layer in fewer launches; None if it cannot."""
    if "forward" in vars(layer):  # somebody else's
        return None
    if type(layer) in _NORMS:
        return _fuse_norm(layer)
    if type(layer) in _GATED and layer.config.hidden_act == "silu":
        return _fuse_gated(layer)
    if type(layer) in _ATTENTIONS:
        return _fuse_attention(layer)
    return None


def _fuse_norm(layer: Layer) -> Forward:
    def forward(hidden_states: Tensor) -> Tensor:
        return kernels.rms_norm(hidden_states, layer.weight, layer.variance_epsilon)

    return forward


def _fuse_gated(layer: Layer) -> Forward:
    both = _join_linears([layer.gate_proj, layer.up_proj])

    def forward(x: Tensor) -> Tensor:
        gate, up = both(x)
        return layer.down_proj(kernels.gated(gate, up))

    return forward


def _fuse_attention(layer: Layer) -> Forward:
    linears = _join_linears([layer.q_proj, layer.k_proj, layer.v_proj])
    dim, number, scale = layer.head_dim, layer.layer_idx, layer.scaling
    window = _read_window(layer)

    def forward(
        hidden_states: Tensor,
        position_embeddings: tuple[Tensor, Tensor],
        attention_mask: None = None,
        *,
        paged: Paged,
        **_: object,
    ) -> tuple[Tensor, None]:
        num = hidden_states.shape[1]
        cos, sin = position_embeddings
        query, key, value = (
            made[0].view(num, -1, dim) for made in linears(hidden_states)
        )
        turned = kernels.rotate_and_store(
            query,
            key,
            value,
            (cos[0], sin[0]),
            paged.memory.keys[number],
            paged.memory.values[number],
            paged.tiles.places,
        )
        seen = paged.attend(number, turned, scale, window)
        return layer.o_proj(seen.reshape(1, num, -1)), None

    return forward


def _read_window(layer: Layer) -> int | None:
    """Look up the positions that a layer sees; None: all."""
    if type(layer) is mistral.MistralAttention:
        return layer.config.sliding_window
    if type(layer) is qwen2.Qwen2Attention:
        return layer.sliding_window
    return None


def _join_linears(linears: list[Layer]) -> Callable[[Tensor], tuple[Tensor, ...]]:
    """Make a function that computes several linear layers of one input, as one.

    Their weights become parts of one tensor, and stay the layers' own: what is trained
    in place is seen here.
    """
    plain = all(
        type(one) is nn.Linear and "forward" not in vars(one) for one in linears
    )
    biased = {one.bias is not None for one in linears} if plain else set()
    if len(biased) != 1:
        return lambda x: tuple(one(x) for one in linears)
    sizes = [one.out_features for one in linears]
    weight = _join([one.weight for one in linears])
    bias = _join([one.bias for one in linears]) if biased == {True} else None

    def compute(x: Tensor) -> tuple[Tensor, ...]:
        return nn.functional.linear(x, weight, bias).split(sizes, -1)

    return compute


@torch.no_grad()
def _join(parameters: list[nn.Parameter]) -> Tensor:
    """Join several tensors to one, of which they become parts."""
    whole = _find_joined(parameters)
    if whole is None:
        whole = torch.cat([one.data for one in parameters])
        start = 0
        for one in parameters:
            one.data = whole[start : start + one.shape[0]]
            start += one.shape[0]
    return whole


def _find_joined(parameters: list[nn.Parameter]) -> Tensor | None:
    """Find the tensor whose parts they are, if an earlier engine has joined them."""
    first, end = parameters[0].data, parameters[0].data_ptr()
    for one in parameters:
        if one.data_ptr() != end or not one.is_contiguous():
            return None
        end += one.numel() * one.element_size()
    storage = first.untyped_storage()
    offset = first.storage_offset()
    rows = sum(one.shape[0] for one in parameters)
    num = rows * first[0].numel()
    if (offset + num) * first.element_size() > storage.nbytes():
        return None
    return first.as_strided((rows, *first.shape[1:]), first.stride(), offset)
