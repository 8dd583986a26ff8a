"""Layers that are computed again in the backward pass, where memory would be short.

The trainers do so on a GPU always; on a CPU it is done where a batch holds many ids. A
layer must then attend as it did at first, so that its second pass has its own context.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

import torch
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer

_HELD = 2048
"""Ids whose activations a CPU holds at once: 1.3 MB each in a model of 135M weights."""


@contextmanager
def recomputing(
    model: PreTrainedModel,
    num_ids: int,
    again: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Iterator[None]:
    """Let layers be computed again if so many ids need it, or the trainer wants it.

    Args:
        model: a model of transformers.
        num_ids: how many ids' activations are kept until the backward pass.
        again: makes the context in which a layer is computed again.
    """
    many = model.device.type == "cpu" and num_ids > _HELD
    layers = [
        layer
        for layer in model.modules()
        if isinstance(layer, GradientCheckpointingLayer)
        and (many or layer.gradient_checkpointing)
    ]
    if not torch.is_grad_enabled() or not model.training:
        layers = []
    before = [dict(vars(layer)) for layer in layers]
    once_more = partial(
        checkpoint,
        use_reentrant=False,
        preserve_rng_state=False,
        context_fn=lambda: (nullcontext(), again()),
    )
    for layer in layers:
        layer.gradient_checkpointing = True
        vars(layer)["_gradient_checkpointing_func"] = once_more
    try:
        yield
    finally:
        for layer, attributes in zip(layers, before, strict=True):
            vars(layer).update(attributes)
            for name in vars(layer).keys() - attributes.keys():
                delattr(layer, name)
