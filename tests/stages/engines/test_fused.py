"""Layers in fewer launches: kernels compute what is spelled out, weights stay whole."""

import copy
import importlib.util
import os
from pathlib import Path

import pytest
import torch
from torch.nn.functional import rms_norm, silu
from transformers import AutoModelForCausalLM
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from stages.engines.paged import attention
from stages.engines.paged.fused import FusedLayers
from stages.engines.paged.kernels import attention as kernel
from stages.engines.paged.kernels import layers
from stages.engines.paged.pages import PAGE
from stages.engines.paged.tiles import Tiles
from tests.stages.engines.paged import GPU, tiny

INTERPRETED = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None
    or os.environ.get("TRITON_INTERPRET") != "1",
    reason="needs Triton and TRITON_INTERPRET=1",
)


@pytest.fixture(
    params=[pytest.param("cpu", marks=INTERPRETED), pytest.param("cuda", marks=GPU)]
)
def launchable(request: pytest.FixtureRequest) -> torch.device:
    """Return where kernels can be launched, or interpreted."""
    torch.manual_seed(0)
    return torch.device(request.param)


@pytest.mark.parametrize("window", [None, 20])
@pytest.mark.parametrize("dim", [64, 48])
def test_attention_is_what_is_spelled_out(
    window: int | None, dim: int, launchable: torch.device
) -> None:
    """Of prompts and of steps, over pages in any order, with heads that share keys."""
    most = 5
    tables = torch.randperm(40, dtype=torch.int32).view(2, 20).to(launchable)
    positions = torch.tensor([*range(3, 11), *range(70, 74), 319]).to(launchable)
    cuts = torch.tensor([[0, 0, 5], [0, 5, 3], [1, 8, 4], [0, 12, 1]]).to(launchable)
    tiles = Tiles(positions, positions, tables, *cuts.T.contiguous(), most=most)
    query = torch.randn(13, 6, dim, device=launchable)
    keys, values = torch.randn(2, 40 * PAGE, 2, dim, device=launchable)

    found = kernel.attend(query, keys, values, tiles, dim**-0.5, window)

    spelled = attention._attend(query, keys, values, tiles, dim**-0.5, window)
    assert (found - spelled).abs().max() < 1e-5


def test_keys_are_turned_and_stored(launchable: torch.device) -> None:
    """At their places, with their values; queries are turned and given back."""
    query = torch.randn(5, 6, 48, device=launchable)
    key, value = torch.randn(2, 5, 2, 48, device=launchable)
    cos, sin = torch.randn(2, 5, 24, device=launchable).repeat(1, 1, 2)
    keys, values = torch.zeros(2, 3 * PAGE, 2, 48, device=launchable)
    places = torch.tensor([7, 40, 3, 21, 22], device=launchable)

    turned = layers.rotate_and_store(
        query, key, value, (cos, sin), keys, values, places
    )

    expected = apply_rotary_pos_emb(query[None], key[None], cos, sin, unsqueeze_dim=1)
    assert (turned - expected[0][0]).abs().max() < 1e-5
    assert (keys[places] - expected[1][0]).abs().max() < 1e-5
    assert torch.equal(values[places], value)
    assert keys.abs().sum((1, 2)).count_nonzero() == len(places)


def test_norms_and_gates_are_those_of_torch(launchable: torch.device) -> None:
    """For sizes that are no power of two, and halves of one tensor."""
    rows, weight = torch.randn(2, 3, 80, device=launchable), torch.randn(80)
    weight = weight.to(launchable)
    gate, up = torch.randn(2, 3, 1400, device=launchable).split(700, -1)

    normed = layers.rms_norm(rows, weight, 1e-5)
    assert (normed - rms_norm(rows, (80,), weight, 1e-5)).abs().max() < 1e-5
    assert (layers.gated(gate, up) - silu(gate) * up).abs().max() < 1e-5


def test_weights_side_by_side_stay_the_models_own(tmp_path: Path) -> None:
    """The model computes, trains in place and is saved as before."""
    model = tiny()
    whole, ids = copy.deepcopy(model), torch.arange(20)[None]

    FusedLayers(model)
    FusedLayers(model)  # a second engine's: nothing is laid out again

    attention_layer = model.model.layers[0].self_attn
    pointers = {
        layer.weight.untyped_storage().data_ptr()
        for layer in (attention_layer.q_proj, attention_layer.k_proj)
    }
    assert len(pointers) == 1
    assert torch.equal(model(ids).logits, whole(ids).logits)
    for one in (model, whole):
        with torch.no_grad():
            for weight in one.parameters():
                weight.mul_(1.1)
    model.save_pretrained(tmp_path)
    saved = AutoModelForCausalLM.from_pretrained(tmp_path)
    for one, other in zip(saved.parameters(), whole.parameters(), strict=True):
        assert torch.equal(one, other)
