"""Adapters on a model: added to its weights, or beside them.

In float32 adapters are added to the weights below them, which loses nothing. In shorter
floats they are not: at small learning rates most of what was learned would be rounded
away. There they are computed beside the weights, as they were in training.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_PREFIX, _DOWN, _UP = "base_model.model.", ".lora_A.weight", ".lora_B.weight"

Factors = dict[str, tuple[Tensor, Tensor]]
"""By the name of a linear layer: (R, in) and, times the adapter's scale, (out, R)."""


def read_factors(folder: Path) -> Factors:
    """Read the adapter of a policy's folder.

    Raises:
        OSError, ValueError, KeyError, SafetensorError: it is damaged.
    """
    config = json.loads((folder / CONFIG).read_text())
    weights = load_file(folder / WEIGHTS)
    factors = {}
    for name in [name for name in weights if name.endswith(_DOWN)]:
        layer = name.removeprefix(_PREFIX).removesuffix(_DOWN)
        up = weights.pop(name.removesuffix(_DOWN) + _UP)
        factors[layer] = weights.pop(name), up * (config["lora_alpha"] / config["r"])
    if weights or not factors:
        raise ValueError(f"{WEIGHTS} holds other weights than those of an adapter")
    return factors


@torch.no_grad()
def merge_adapter(model: nn.Module, folder: Path) -> None:
    """Add an adapter to a model's float32 weights.

    Raises:
        OSError, ValueError, KeyError, SafetensorError: it is damaged.
    """
    for layer, down, up in _find_layers(model, read_factors(folder)):
        assert layer.weight.dtype == torch.float32, "shorter floats would round it away"
        layer.weight += up @ down


def stack_adapters(folders: Sequence[Path]) -> Factors:
    """Make one adapter of several that stand on each other: the sum of them all.

    Raises:
        OSError, ValueError, KeyError, SafetensorError: one is damaged.
    """
    adapters = [read_factors(folder) for folder in folders]
    names = dict.fromkeys(name for one in adapters for name in one)
    return {
        name: (
            torch.cat([one[name][0] for one in adapters if name in one]),
            torch.cat([one[name][1] for one in adapters if name in one], dim=1),
        )
        for name in names
    }


def put_beside(model: nn.Module, factors: Factors, dtype: torch.dtype) -> None:
    """Let a model's linear layers compute an adapter beside their frozen weights.

    Args:
        model: whose layers those are; their weights may have four bits.
        factors: the adapter.
        dtype: in which it is computed.

    Raises:
        ValueError: the model has no such layers.
    """
    for layer, down, up in _find_layers(model, factors):
        layer.register_buffer("down", down.to(dtype))
        layer.register_buffer("up", up.to(dtype))
        kind: Any = type(layer)
        layer.__class__ = _make_adapted(kind)


def _find_layers(
    model: nn.Module, factors: Factors
) -> list[tuple[nn.Linear, Tensor, Tensor]]:
    layers = dict(model.named_modules())
    found = []
    for name, (down, up) in factors.items():
        layer = layers.get(name)
        if not isinstance(layer, nn.Linear) or (
            (layer.out_features, layer.in_features) != (len(up), down.shape[1])
        ):
            raise ValueError(f"the model below has no linear layer {name} of its size")
        found.append((layer, down, up))
    return found


class _Adapted(nn.Module):
    """What a linear layer does more where an adapter is beside its weights."""

    down: Tensor
    up: Tensor

    def forward(self, x: Tensor) -> Tensor:
        own = super().forward(x)
        thin = nn.functional.linear(x.to(self.down.dtype), self.down)
        return own + nn.functional.linear(thin, self.up).to(own.dtype)


@cache
def _make_adapted(kind: Any) -> Any:
    """Make the class of a kind of linear layer with an adapter: no `nn.Linear` itself.

    So whoever computes with the weights of plain layers leaves it alone.
    """
    return type(f"Adapted{kind.__name__}", (_Adapted, kind), {})


def measure_rank(folders: Sequence[Path]) -> int:
    """Add up the ranks of several adapters; 0 for none."""
    return sum(json.loads((one / CONFIG).read_text())["r"] for one in folders)


def write_stacked(folders: Sequence[Path], folder: Path) -> None:
    """Write the sum of several adapters as one, for who takes one only.

    Raises:
        OSError, ValueError, KeyError, SafetensorError: one is damaged.
    """
    factors, rank = stack_adapters(folders), measure_rank(folders)
    weights = {}
    for name, (down, up) in factors.items():
        room = rank - len(down)  # all layers of a file have one rank
        weights[_PREFIX + name + _DOWN] = nn.functional.pad(down, (0, 0, 0, room))
        weights[_PREFIX + name + _UP] = nn.functional.pad(up, (0, room))
    config = LoraConfig(
        r=rank,
        lora_alpha=rank,  # the factors have their scales in them
        target_modules=sorted(factors),
        task_type="CAUSAL_LM",
        inference_mode=True,
    )
    config.save_pretrained(str(folder))
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
