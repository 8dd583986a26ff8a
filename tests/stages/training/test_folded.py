"""Adapters folded into the weights: the same numbers, as long as they are the same."""

import torch
from peft import PeftModel
from torch import Tensor

from stages.base.tiny import make_tiny_policy
from stages.engines.backend import Request
from stages.engines.local.engine import Engine
from stages.training.folded import folded
from tests.stages.material import adapted

IDS = torch.arange(24).view(2, 12)


def tiny() -> PeftModel:
    """Return a tiny model with an adapter that changes something, not everything."""
    model = adapted(make_tiny_policy(hidden_size=32, layers=2)[0], "default")
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            weight.data *= 0.1
    return model


def step(model: PeftModel) -> tuple[Tensor, Tensor]:
    """Return logits, and the adapter's gradients of a sum of them."""
    logits = model(input_ids=IDS).logits
    model.zero_grad()
    (logits * torch.linspace(-1, 1, logits.numel()).view_as(logits)).sum().backward()
    gradients = [w.grad.flatten() for w in model.parameters() if w.requires_grad]
    return logits.detach(), torch.cat(gradients)


def test_logits_and_gradients_are_the_adapters() -> None:
    """Folding adds up what the adapter adds, forwards and backwards."""
    model = tiny()
    logits, gradients = step(model)

    with folded(model):
        found, slopes = step(model)

    assert torch.allclose(found, logits, atol=1e-4)
    assert (slopes - gradients).norm() < 1e-4 * gradients.norm()
    assert torch.equal(step(model)[0], logits), "afterwards all is as it was"


def test_a_trained_adapter_is_folded_anew() -> None:
    """What the optimizer changed counts from the next pass on."""
    model, plain = tiny(), tiny()
    found = []
    for one in (model, plain):
        optimizer = torch.optim.AdamW(
            [weight for weight in one.parameters() if weight.requires_grad], 0.1
        )
        with folded(one if one is model else torch.nn.Identity()):
            before = step(one)[0]
            optimizer.step()
            found.append(step(one)[0])
        assert not torch.allclose(before, found[-1], atol=1e-2)

    assert torch.allclose(*found, atol=1e-3)


def test_the_weights_below_are_still_there() -> None:
    """Without its adapter a folded model is the start policy, with gradients or not."""
    model = tiny()
    with model.disable_adapter():
        expected = model(input_ids=IDS).logits

    with folded(model), model.disable_adapter():
        assert torch.allclose(model(input_ids=IDS).logits, expected, atol=1e-5)
        with torch.no_grad():
            assert torch.allclose(model(input_ids=IDS).logits, expected, atol=1e-5)
    with folded(model):
        after = model(input_ids=IDS).logits
    assert not torch.allclose(after, expected, atol=1e-2)


def test_the_engine_plays_a_folded_model_as_it_is() -> None:
    """The same replies, of the policy and of what it started as."""
    model = tiny()

    def replies(adapter: str | None) -> list[list[int]]:
        engine = Engine(model, 257, temperature=1.0, adapter=adapter)
        return [reply.ids for reply in engine.sample(requests)]

    requests = [Request(n, list(range(9 + n)), n, 12) for n in range(4)]
    expected = [replies(adapter) for adapter in (None, "")]

    with folded(model):
        assert [replies(adapter) for adapter in (None, "")] == expected


def test_what_is_no_plain_adapter_is_left_alone() -> None:
    """Full weights and layers of other kinds compute as before."""
    model = make_tiny_policy(hidden_size=32, layers=1)[0]
    with folded(model):
        assert not any("forward" in vars(layer) for layer in model.modules())
