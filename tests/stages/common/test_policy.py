"""A policy's folder: what is saved is what was trained, and what is loaded plays it."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from stages.base.tiny import make_tiny_policy as build_tiny
from stages.common.policy import load_policy, save_policy
from tests.stages.material import COMPUTE, adapted

IDS = torch.arange(20)[None]


def test_an_adapter_is_merged_into_what_is_saved(project: Path) -> None:
    """The folder alone computes what base and adapter compute together."""
    base, tokenizer = build_tiny(hidden_size=32, layers=2)
    plain = base(IDS).logits.detach()
    model = adapted(base, "default")
    expected = model(IDS).logits.detach()

    save_policy(model, tokenizer, project / "data/sft")

    loaded = load_policy(project / "data/sft", COMPUTE).model(IDS).logits
    assert torch.allclose(loaded, expected, atol=1e-4)
    assert not torch.allclose(loaded, plain, atol=1e-2)
    assert not [n for n in load_file("data/sft/model.safetensors") if "lora" in n]


def test_a_policy_is_loaded_in_the_type_that_is_asked_for(tiny_policy: Path) -> None:
    """In that of `compute`, to play; in another one, to train."""
    half = COMPUTE.model_copy(update={"dtype": "bfloat16"})

    played = load_policy(tiny_policy, half)
    trained = load_policy(tiny_policy, half, dtype="float32")

    assert played.model.dtype == torch.bfloat16
    assert trained.model.dtype == torch.float32
    assert not played.model.training, "no dropout where it plays"
