"""One function chooses the engine; a model in training keeps its own."""

import pytest
import torch
from transformers import Gemma2Config, Gemma2ForCausalLM

from games.errors import ArtifactError, ParamsError
from stages.common.chat import ChatTemplate
from stages.engines.choice import KeptEngines, choose_engine
from stages.engines.local.adapters import BASE
from stages.engines.local.engine import Engine
from stages.engines.paged.engine import PagedEngine
from stages.engines.paged.kernels import language
from tests.stages.engines.paged import asked, said, tiny
from tests.stages.material import adapted


def test_the_device_decides(chat: ChatTemplate, device: str) -> None:
    """A model on a GPU is played by the engine for a GPU, and says the same."""
    engine = choose_engine(tiny().to(device), -1, temperature=1.0, share=0.01)

    assert type(engine) is (Engine if device == "cpu" else PagedEngine)
    expected = Engine(tiny(), -1, temperature=1.0).sample(asked(chat, 9))
    assert said(engine.sample(asked(chat, 9))) == said(expected)


def test_capped_attention_is_refused() -> None:
    """Neither engine computes it, so neither plays it."""
    config = Gemma2Config(
        vocab_size=32,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
    )
    with pytest.raises(ArtifactError, match="to vllm"):
        choose_engine(Gemma2ForCausalLM(config), -1, temperature=0)


def test_a_gpu_without_triton_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a sentence that says what to install."""
    monkeypatch.setattr(language, "triton", language._Absent)

    with pytest.raises(ParamsError, match="pip install triton"):
        language.require_triton()


def test_an_engine_is_made_once_and_plays_what_is_trained(
    chat: ChatTemplate, device: str
) -> None:
    """The learner's and its start policy's, step after step of training in place."""
    model, kept = adapted(tiny(), "learner").to(device), KeptEngines(-1)
    learner, start = kept.get(model, 1.0), kept.get(model, 1.0, adapter=BASE)
    requests = asked(chat, 12)[:5]
    before, base = said(learner.sample(requests)), said(start.sample(requests))
    kept.reset()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_()

    assert kept.get(model, 1.0) is learner is not start
    after = said(kept.get(model, 1.0).sample(requests))
    assert after != before
    fresh = choose_engine(model, -1, temperature=1.0, share=0.01)
    assert after == said(fresh.sample(requests))
    assert said(kept.get(model, 1.0, adapter=BASE).sample(requests)) == base


def test_nothing_is_held_on_a_cpu_while_a_model_is_trained(chat: ChatTemplate) -> None:
    """Caches and packed weights are gone before gradients want the memory."""
    model, kept = tiny(), KeptEngines(-1)
    engine = kept.get(model, 1.0)
    engine.sample(asked(chat, 4))

    kept.reset()

    assert not engine._sessions
    assert engine._linears is None
