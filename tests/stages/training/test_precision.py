"""No step is too small for what is trained, and what plays is what was trained."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedModel

from games.errors import ParamsError
from pipeline.params.sections.training import Adapter
from stages.common.policy import load_policy
from stages.training.precision import configure_precision, keep_exact, load_start
from stages.training.supervised import label, make_trainer, train
from tests.stages.material import COMPUTE, dialogues
from tests.stages.small import set_params
from tests.stages.test_dpo import pairs
from tests.stages.test_dpo import settings as dpo_settings
from tests.stages.test_sft import run_of, settings

SHORT = COMPUTE.model_copy(update={"dtype": "bfloat16", "train_dtype": "bfloat16"})
ADAPTER = Adapter(enabled=True, rank=4, alpha=8)
IDS = torch.arange(20)[None]
SFT = Path("data/sft/sft/0")

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_check:FutureWarning")


def curve_of(compute: Any, **recipe: Any) -> list[tuple[float, float]]:
    """Train the tiny policy, and return losses and norms of gradients."""
    train(replace(run_of(settings(**recipe)), compute=compute), dialogues(8), 400)
    with open("data/curves/sft/sft/0.csv") as file:
        return [(float(r["loss"]), float(r["grad_norm"])) for r in csv.DictReader(file)]


@pytest.mark.parametrize("enabled", [True, False])
def test_a_training_in_bfloat16_goes_as_one_in_float32(
    tiny_policy: Path, enabled: bool
) -> None:
    """The curve is the same up to rounding; what is saved has all its digits."""
    exact = curve_of(COMPUTE, enabled=enabled, epochs=3)
    short = curve_of(SHORT, enabled=enabled, epochs=3)

    assert short != exact, "autocast was on"
    assert short == [pytest.approx(step, rel=0.02) for step in exact]
    (file,) = SFT.glob("*.safetensors")
    weights = load_file(file)
    assert {weight.dtype for weight in weights.values()} == {torch.float32}
    rounded = [weight.bfloat16().float() for weight in weights.values()]
    assert not any(map(torch.equal, rounded, (w for w in weights.values() if w.any())))


@pytest.mark.parametrize("enabled", [True, False])
def test_no_small_step_is_lost(tiny_policy: Path, enabled: bool) -> None:
    """At the paper's smallest rate, far below what bfloat16 tells apart, all move."""
    recipe = settings(enabled=enabled, learning_rate=5e-7, warmup_steps=0)
    run = replace(run_of(recipe), compute=SHORT)
    policy = load_start("base", SHORT, recipe.adapter)
    rows = [label(chat, policy.chat) for chat in dialogues(8)]
    trainer = make_trainer(policy, run, run.checkpoints, rows * 2)
    keep_exact(trainer.model)
    trained = {n: w for n, w in trainer.model.named_parameters() if w.requires_grad}
    before = {name: weight.detach().clone() for name, weight in trained.items()}

    trainer.train()

    for name, weight in trained.items():
        moved = weight.detach() != before[name]
        assert moved.float().mean() > 0.7, name
        if "lora_B" not in name:  # which begins at zero, where steps are never small
            as_short = weight.bfloat16() != before[name].bfloat16()
            assert as_short.float().mean() < 0.2, "bfloat16 would have lost them"


def test_what_is_trained_is_made_exact() -> None:
    """And nothing else is: frozen weights stay as short as they are."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)).bfloat16()
    model[0].requires_grad_(False)

    keep_exact(model)

    assert model[0].weight.dtype == torch.bfloat16
    assert model[1].weight.dtype == torch.float32


def logits(model: PreTrainedModel) -> torch.Tensor:
    """Return what a model computes of some ids."""
    return model(IDS).logits.detach().float()


def test_a_second_training_stands_on_all_of_the_first(tiny_policy: Path) -> None:
    """Over short weights the start's adapter stays beside them, and is not trained."""
    curve_of(SHORT, learning_rate=0.02)
    start = load_start("sft/sft/0", SHORT, ADAPTER)
    expected = logits(load_policy(SFT, COMPUTE).model)
    assert start.model.dtype == torch.bfloat16
    assert (logits(start.model) - expected).abs().max() < 0.05
    assert not torch.allclose(
        expected, logits(load_policy(tiny_policy, COMPUTE).model), atol=0.1
    )

    recipe = settings(learning_rate=0.02)
    run = replace(run_of(recipe), compute=SHORT, policy="sft/next/0", start="sft/sft/0")
    train(run, dialogues(8), 400)

    trained = load_policy(Path("data/sft/next/0"), COMPUTE)
    played = load_policy(Path("data/sft/next/0"), SHORT)
    assert (logits(trained.model) - logits(played.model)).abs().max() < 0.05
    assert not torch.allclose(logits(trained.model), expected, atol=0.1)


def test_full_weights_are_trained_on_all_of_the_first(tiny_policy: Path) -> None:
    """They are float32 however their training computes, adapters below added."""
    curve_of(SHORT, learning_rate=0.02)
    full = ADAPTER.model_copy(update={"enabled": False})

    start = load_start("sft/sft/0", SHORT, full)

    assert start.model.dtype == torch.float32
    assert torch.equal(logits(start.model), logits(load_policy(SFT, COMPUTE).model))


def test_preferences_are_learned_in_bfloat16_too(tiny_policy: Path) -> None:
    """Policy and reference begin equal there, and their margins as in float32."""
    from stages.dpo.train import train as train_dpo
    from stages.training.recipe import Run

    margins = []
    for compute in (COMPUTE, SHORT):
        recipe = dpo_settings()
        key = compute.train_dtype
        train_dpo(Run("dpo/dpo/0", "base", recipe, compute, 0, key), recipe, pairs())
        with open("data/curves/dpo/dpo/0.csv") as file:
            margins.append([float(r["rewards/margins"]) for r in csv.DictReader(file)])

    assert margins[1][0] == pytest.approx(0, abs=1e-3)
    assert margins[1] == pytest.approx(margins[0], abs=0.02)


@pytest.mark.parametrize(
    ("device", "train_dtype", "expected"),
    [
        ("cpu", "float32", {"bf16": False}),
        ("cpu", "bfloat16", {"bf16": True}),
        ("cuda", "float32", {"bf16": False, "tf32": True}),
        ("cuda", "bfloat16", {"bf16": True}),
    ],
)
def test_products_are_rounded_as_parameters_say(
    device: str,
    train_dtype: str,
    expected: dict[str, bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TF32 is only for float32 on a GPU."""
    monkeypatch.setattr(
        "stages.training.precision.is_torch_tf32_available", lambda: True
    )
    compute = COMPUTE.model_copy(update={"device": device, "train_dtype": train_dtype})

    assert configure_precision(compute) == expected


# --- four bits ----------------------------------------------------------------------
def test_four_bits_without_bitsandbytes_are_refused(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is named."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("stages.common.policy.find_spec", lambda _: None)
    four = COMPUTE.model_copy(update={"device": "cuda", "quantize": "nf4"})

    with pytest.raises(ParamsError, match="pip install bitsandbytes"):
        load_policy(tiny_policy, four)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({}, "needs device cuda"),
        ({"compute.device": "cuda", "compute.engine": "vllm"}, "engine transformers"),
        (
            {
                "compute.device": "cuda",
                "sft.overrides.sft": {"adapter": {"enabled": False}},
            },
            "sft variant 'sft' trains full weights",
        ),
    ],
)
def test_four_bits_that_cannot_be_are_refused_before_anything_runs(
    project: Path, changes: dict[str, object], complaint: str
) -> None:
    """Each with what to change."""
    with pytest.raises(ParamsError, match=complaint):
        set_params(**{"compute.quantize": "nf4"} | changes)
