"""Adapters added to the weights below them, on a CPU: one product, not three.

A LoRA layer computes its weights' product and two thin ones, which cost far more than
their few multiplications. Between two steps of the optimizer their sum is one matrix:
it is made once, in a copy laid out for this processor (as the engine does it), and
whoever plays or scores computes with it. An adapter's gradients are what they were. The
price is memory for one copy of the weights, two where the weights below are asked for
as well: the copies that engines would make otherwise.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from peft import PeftModel
from peft.tuners.lora.layer import Linear
from torch import Tensor, nn

_ops = torch.ops.mkldnn


@contextmanager
def folded(model: nn.Module) -> Iterator[None]:
    """Let a model compute with folded adapters for a while, where it can.

    `disable_adapter` then only tells the layers which weights are meant.
    """
    # Any: PyTorch types whatever hangs on a module as Tensor | Module
    layers: list[Any] = [layer for layer in model.modules() if _can_fold(layer)]
    if not isinstance(model, PeftModel) or not layers:
        yield
        return
    switch = _Switch()
    for layer in layers:
        one = _Folded(layer, switch)
        layer.forward = one.forward
        layer.base_layer.forward = one.below  # so that nobody packs it again
    vars(model)["disable_adapter"] = switch.off
    try:
        yield
    finally:
        del vars(model)["disable_adapter"]
        for layer in layers:
            del layer.forward, layer.base_layer.forward


class _Switch:
    """Whether adapters are meant."""

    def __init__(self) -> None:
        self.is_on = True

    @contextmanager
    def off(self) -> Iterator[None]:
        before, self.is_on = self.is_on, False
        try:
            yield
        finally:
            self.is_on = before


def _can_fold(layer: nn.Module) -> bool:
    """Tell whether a module is a plain LoRA layer in float32 on a CPU."""
    if type(layer) is not Linear or type(layer.base_layer) is not nn.Linear:
        return False
    weight = layer.base_layer.weight
    return (
        torch.backends.mkldnn.is_available()
        and weight.device.type == "cpu"
        and weight.dtype == torch.float32
        and not weight.requires_grad
        and len(layer.active_adapters) == 1
        and not layer.lora_variant
        and isinstance(layer.lora_dropout[layer.active_adapters[0]], nn.Identity)
    )


class _Folded:
    """One layer: its weights with and without its adapter."""

    def __init__(self, layer: Any, switch: _Switch) -> None:
        self._layer, self._switch = layer, switch
        self._version: tuple[int, ...] = ()
        self._sum: Callable[[Tensor], Tensor] | None = None
        self._below: Callable[[Tensor], Tensor] | None = None

    def below(self, x: Tensor) -> Tensor:
        """Compute without the adapter."""
        if torch.is_grad_enabled() and x.requires_grad:
            return nn.functional.linear(
                x, self._layer.base_layer.weight, self._layer.base_layer.bias
            )
        if self._below is None:
            base = self._layer.base_layer
            self._below = _laid_out(base.weight, base.bias)
        return self._below(x)

    def forward(self, x: Tensor) -> Tensor:
        """Compute with the adapter as it is now, if it is meant."""
        layer = self._layer
        if layer.disable_adapters or not self._switch.is_on:
            return self.below(x)
        name = layer.active_adapters[0]
        down, up = layer.lora_A[name].weight, layer.lora_B[name].weight
        version = id(down), down._version, id(up), up._version
        if version != self._version:
            with torch.no_grad():
                base = layer.base_layer
                both = base.weight + layer.scaling[name] * (up @ down)
                self._sum, self._version = _laid_out(both, base.bias), version
        weight = layer.base_layer.weight
        return _Product.apply(x, down, up, weight, layer.scaling[name], self._sum)


def _laid_out(weight: Tensor, bias: Tensor | None) -> Callable[[Tensor], Tensor]:
    packed = _ops._reorder_linear_weight(weight.detach(), None)

    def product(x: Tensor) -> Tensor:
        return _ops._linear_pointwise(x, packed, bias, "none", [], "")

    return product


class _Product(torch.autograd.Function):
    """A folded layer's product, with the gradients of what was folded into it."""

    @staticmethod
    def forward(
        context: Any,
        x: Tensor,
        down: Tensor,
        up: Tensor,
        weight: Tensor,
        scale: float,
        product: Callable[[Tensor], Tensor],
    ) -> Tensor:
        context.save_for_backward(x, down, up, weight)
        context.scale = scale
        return product(x)

    @staticmethod
    def backward(
        context: Any, outer: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, None, None, None]:
        x, down, up, weight = context.saved_tensors
        rows, slope = x.flatten(0, -2), outer.flatten(0, -2)  # (T, in), (T, out)
        thin = slope @ up * context.scale  # (T, rank)
        inner = torch.addmm(slope @ weight, thin, down).view_as(x)
        to_up = slope.T @ (rows @ down.T * context.scale)
        return inner, thin.T @ rows, to_up, None, None, None
