"""A policy's folder: what is saved is what was trained, and what is loaded plays it."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, PreTrainedModel

from games.errors import ArtifactError
from stages.base.tiny import make_tiny_policy as build_tiny
from stages.common.adapters import identify_start, stack_in_scratch
from stages.common.keys import fingerprint
from stages.common.policy import load_policy, save_policy
from stages.tools.export_policy import export
from tests.stages.material import COMPUTE, adapted

IDS = torch.arange(20)[None]
SFT, DPO = Path("data/sft"), Path("data/dpo")
HALF = COMPUTE.model_copy(update={"dtype": "bfloat16"})


def logits(model: PreTrainedModel) -> torch.Tensor:
    """Return what a model computes of some ids."""
    return model(IDS).logits.detach().float()


def scale(model: torch.nn.Module, by: float) -> None:
    """Make a model's adapter change less."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight *= by


@pytest.fixture
def chain(tiny_policy: Path) -> list[torch.Tensor]:
    """Make a policy of adapters over another one; return what base and both compute."""
    policy = load_policy(tiny_policy, COMPUTE)
    expected = [logits(policy.model)]
    for start, folder in (("base", SFT), ("sft", DPO)):
        model = adapted(load_policy(Path("data", start), COMPUTE).model, "default")
        scale(model, 0.2)
        expected.append(logits(model))
        save_policy(model, policy.tokenizer, folder, identify_start(start))
    return expected


def test_a_policy_of_adapters_computes_what_was_trained(
    chain: list[torch.Tensor],
) -> None:
    """Over its start, which is one of adapters itself; weights below are not kept."""
    for folder, expected in zip((SFT, DPO), chain[1:], strict=True):
        policy = load_policy(folder, COMPUTE)
        assert torch.allclose(logits(policy.model), expected, atol=1e-4)
        assert policy.chat.end_of_turn == policy.tokenizer.eos_token_id
        weights = load_file(folder / "adapter_model.safetensors")
        assert all("lora" in name for name in weights)
    for one, other in pairwise(chain):
        assert not torch.allclose(one, other, atol=1e-2)


def test_a_small_change_is_not_rounded_away_in_short_floats(tiny_policy: Path) -> None:
    """An adapter that merging into bfloat16 would lose changes what is played."""
    base = load_policy(tiny_policy, HALF)
    model = adapted(load_policy(tiny_policy, COMPUTE).model, "default")
    scale(model, 1e-4)
    save_policy(model, base.tokenizer, SFT, identify_start("base"))

    played = load_policy(SFT, HALF).model
    merged = load_policy(SFT, COMPUTE).model.to(torch.bfloat16)

    name = "model.layers.0.self_attn.q_proj"
    x = torch.ones(1, 32, dtype=torch.bfloat16)
    layer, plain = played.get_submodule(name), base.model.get_submodule(name)
    factors = layer.get_buffer("up").float() @ layer.get_buffer("down").float()
    trained = model.get_submodule(f"base_model.model.{name}").get_delta_weight(
        "default"
    )
    assert (factors - trained).norm() < 0.01 * trained.norm()
    assert torch.equal(layer.weight, plain.weight)
    lost = (merged.get_submodule(name).weight == plain.weight).float().mean()
    assert lost > 0.5, "merging would have kept little of it"
    assert layer(x).shape == plain(x).shape


def test_a_chain_plays_in_short_floats_as_in_long_ones(
    chain: list[torch.Tensor],
) -> None:
    """All adapters of a chain are computed beside the weights, up to rounding."""
    model = load_policy(DPO, HALF).model

    assert model.dtype == torch.bfloat16
    assert (logits(model) - chain[2]).norm() < 0.05 * chain[2].norm()
    assert (logits(model) - chain[1]).norm() > 0.1 * chain[1].norm()


def test_a_chain_is_one_adapter_for_who_takes_one(chain: list[torch.Tensor]) -> None:
    """The sum over the base computes what the chain computes."""
    stacked = stack_in_scratch([SFT, DPO])

    assert stack_in_scratch([SFT]) == SFT
    shutil.copy(SFT / "start.json", stacked / "start.json")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(SFT / name, stacked / name)
    assert torch.allclose(
        logits(load_policy(stacked, COMPUTE).model), chain[2], atol=1e-4
    )
    assert json.loads((stacked / "adapter_config.json").read_text())["r"] == 8


def test_the_files_of_a_policy_are_the_same_bytes_each_time(
    chain: list[torch.Tensor], tiny_policy: Path
) -> None:
    """What is depended on by content does not change by itself."""
    model = adapted(load_policy(tiny_policy, COMPUTE).model, "default")
    scale(model, 0.2)
    tokenizer = load_policy(tiny_policy, COMPUTE).tokenizer
    save_policy(model, tokenizer, Path("data/again"), identify_start("base"))

    assert fingerprint(Path("data/again")) == fingerprint(SFT)
    listed = json.loads((SFT / "adapter_config.json").read_text())["target_modules"]
    assert listed == sorted(listed)


def test_a_start_that_is_another_one_now_is_refused(chain: list[torch.Tensor]) -> None:
    """Far below, too: a policy never plays over weights that it was not trained on."""
    base, tokenizer = build_tiny(hidden_size=32, layers=2, seed=1)
    save_policy(base, tokenizer, Path("data/base"))

    for folder in (SFT, DPO):
        with pytest.raises(ArtifactError, match=r"from another data/base.*dvc repro"):
            load_policy(folder, COMPUTE)


def test_a_start_that_is_missing_is_named(chain: list[torch.Tensor]) -> None:
    """As after pulling one policy alone."""
    shutil.rmtree("data/base")

    with pytest.raises(ArtifactError, match=r"base, which is missing.*dvc checkout"):
        load_policy(DPO, COMPUTE)


@pytest.mark.parametrize(
    "name", ["start.json", "adapter_config.json", "adapter_model.safetensors"]
)
def test_damaged_adapters_are_refused(chain: list[torch.Tensor], name: str) -> None:
    """A file that is cut off is one sentence."""
    path = SFT / name
    path.write_bytes(path.read_bytes()[:30])

    with pytest.raises(ArtifactError, match="is damaged"):
        load_policy(SFT, COMPUTE)


def test_adapters_of_another_model_are_refused(chain: list[torch.Tensor]) -> None:
    """Their layers are not those of the weights below."""
    base, tokenizer = build_tiny(hidden_size=64, layers=2)
    save_policy(base, tokenizer, Path("data/base"))
    start = json.loads((SFT / "start.json").read_text())
    start["sha256"] = fingerprint(Path("data/base"))
    (SFT / "start.json").write_text(json.dumps(start))

    with pytest.raises(ArtifactError, match="no linear layer"):
        load_policy(SFT, COMPUTE)


def test_an_exported_policy_is_loaded_by_transformers_alone(
    chain: list[torch.Tensor], tmp_path: Path
) -> None:
    """One folder of full weights, in the type that was asked for, and a new one."""
    export("dpo", tmp_path / "whole", "float32", COMPUTE)
    export("dpo", tmp_path / "short", "bfloat16", HALF)

    whole = AutoModelForCausalLM.from_pretrained(tmp_path / "whole")
    short = AutoModelForCausalLM.from_pretrained(tmp_path / "short")
    assert torch.allclose(logits(whole), chain[2], atol=1e-4)
    assert short.dtype == torch.bfloat16
    assert (tmp_path / "short" / "chat_template.jinja").exists()
    with pytest.raises(ArtifactError, match="is there already"):
        export("dpo", tmp_path / "whole", "float32", COMPUTE)


def test_a_policy_is_loaded_in_the_type_that_is_asked_for(tiny_policy: Path) -> None:
    """In that of `compute`, to play; in another one, to train."""
    played = load_policy(tiny_policy, HALF)
    trained = load_policy(tiny_policy, HALF, dtype="float32")

    assert played.model.dtype == torch.bfloat16
    assert trained.model.dtype == torch.float32
    assert not played.model.training, "no dropout where it plays"
