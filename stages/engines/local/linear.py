"""Linear layers in oneDNN's own layout: on a CPU, the same sums in less time.

Which library PyTorch multiplies matrices with on a CPU depends on their type, and no
layout of the weights is kept between two calls. With weights laid out once, prompts and
decoding are faster in float32 on processors that the default library is slow
on, and somewhat less in bfloat16. The price is a second copy of the weights.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

_ops = torch.ops.mkldnn


class PackedLinears:
    """The linear layers of a model, packed as their weights are now."""

    def __init__(self, model: nn.Module) -> None:
        self._layers: list[tuple[nn.Module, Callable[[Tensor], Tensor]]] = []
        if not torch.backends.mkldnn.is_available():
            return
        self._layers = [
            (layer, _packed(layer))
            for layer in model.modules()
            if type(layer) is nn.Linear
            and "forward" not in vars(layer)  # somebody else's
            and layer.weight.device.type == "cpu"
            and _is_supported(layer.weight.dtype)
        ]

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let the model compute with the packed weights for a while."""
        for layer, forward in self._layers:
            layer.forward = forward
        try:
            yield
        finally:
            for layer, _ in self._layers:
                del layer.forward


def _is_supported(dtype: torch.dtype) -> bool:
    """Tell whether oneDNN lays out weights of a type on this processor."""
    if dtype == torch.bfloat16:
        return _ops._is_mkldnn_bf16_supported()
    if dtype == torch.float16:
        return _ops._is_mkldnn_fp16_supported()
    return dtype == torch.float32


def _packed(layer: nn.Linear) -> Callable[[Tensor], Tensor]:
    """Make a function that computes a layer from its weights as they are now."""
    weight = _ops._reorder_linear_weight(layer.weight.detach(), None)
    bias = None if layer.bias is None else layer.bias.detach()

    def forward(x: Tensor) -> Tensor:
        return _ops._linear_pointwise(x, weight, bias, "none", [], "")

    return forward
