"""The paged engine says what the engine for a CPU says, and what the model means.

On a CPU it is the same code without graphs and kernels.
"""

import copy

import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from stages.base.tiny import make_tiny_tokenizer
from stages.common.chat import ChatTemplate
from stages.engines.backend import Request
from stages.engines.local.engine import Engine
from stages.engines.local.soundness import own_logprobs
from stages.engines.paged.engine import PagedEngine
from stages.tools.selfplay_speed.relay import make_relay_instances, shorten
from stages.tools.selfplay_speed.workload import play_relay
from tests.stages.engines.paged import POSITIONS, asked, said, tiny, widen

SIZES = {
    "vocab_size": len(make_tiny_tokenizer()),
    "hidden_size": 96,
    "intermediate_size": 160,
    "num_hidden_layers": 2,
    "max_position_embeddings": 2048,
}


def families() -> list:
    """Return a tiny model of each family, with heads of other numbers and sizes."""
    heads = {"num_attention_heads": 6, "num_key_value_heads": 2}
    kinds = (
        ("llama", LlamaConfig, LlamaForCausalLM, {}),
        ("qwen2", Qwen2Config, Qwen2ForCausalLM, {}),
        ("qwen3", Qwen3Config, Qwen3ForCausalLM, {"head_dim": 32}),
        ("mistral", MistralConfig, MistralForCausalLM, {"sliding_window": 20}),
    )
    return [
        pytest.param(kind, config(**SIZES, **heads, **more), id=name)
        for name, config, kind, more in kinds
    ]


@pytest.mark.parametrize(("kind", "config"), families())
def test_greedy_replies_are_those_of_the_engine_for_a_cpu(
    kind: type[PreTrainedModel],
    config: PreTrainedConfig,
    chat: ChatTemplate,
    device: str,
) -> None:
    """In float32, turn after turn, whatever lies in whose pages."""
    torch.manual_seed(0)
    here = widen(kind(config).eval())
    there = copy.deepcopy(here).to(device)
    engine = Engine(here, -1, temperature=0)
    paged = PagedEngine(there, -1, temperature=0, positions=POSITIONS)

    requests = asked(chat, 30)
    for more in ("more", "and more " * 9, ""):
        expected, replies = engine.sample(requests), paged.sample(requests)
        assert said(replies) == said(expected)
        for one, other in zip(replies, expected, strict=True):
            assert one.logprobs == pytest.approx(other.logprobs, abs=1e-3)
        requests = [
            Request(r.session, r.ids + reply.ids + chat.extend(more), r.seed, 20)
            for r, reply in zip(requests, replies, strict=True)
        ]

    assert bool(paged._steps._graphs) == (device == "cuda")


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_games_are_those_of_the_engine_for_a_cpu(
    temperature: float, chat: ChatTemplate, device: str
) -> None:
    """Whole episodes are drawn at the same points, whoever ends when."""
    model = tiny()
    there, instances = copy.deepcopy(model).to(device), make_relay_instances(5)
    engine = Engine(model, chat.end_of_turn, temperature=temperature)
    paged = PagedEngine(
        there, chat.end_of_turn, temperature=temperature, positions=POSITIONS
    )

    _, expected = play_relay(engine, chat, instances, 3, shorten(20))
    _, tables = play_relay(paged, chat, instances, 3, shorten(20))

    for one, other in zip(tables, expected, strict=True):
        replies = [turn.token_ids for turn in one.session.turns]
        assert replies == [turn.token_ids for turn in other.session.turns]


def test_a_reply_stops_at_whichever_end_comes_first(
    chat: ChatTemplate, device: str
) -> None:
    """Between two looks of the host, and at them: a row goes no further."""
    model, requests = tiny(), asked(chat, 20)[:5]
    replies = Engine(model, (), temperature=1.0).sample(requests)
    ends = {replies[0].ids[2], replies[1].ids[9], replies[2].ids[15]}
    there = copy.deepcopy(model).to(device)

    paged = PagedEngine(there, ends, temperature=1.0, positions=POSITIONS)

    for whole, cut in zip(replies, paged.sample(requests), strict=True):
        places = [n for n, one in enumerate(whole.ids) if one in ends]
        assert cut.ids == whole.ids[: min(places, default=19) + 1]


@pytest.mark.parametrize(("kind", "config"), families())
def test_in_bfloat16_log_probabilities_are_the_models_own(
    kind: type[PreTrainedModel],
    config: PreTrainedConfig,
    chat: ChatTemplate,
    device: str,
) -> None:
    """Up to the rounding of sums in another order."""
    torch.manual_seed(0)
    model = kind(config).bfloat16().to(device).eval()
    engine = PagedEngine(model, -1, temperature=1.0, positions=POSITIONS)
    requests = asked(chat, 40)[:5]

    replies = engine.sample(requests)

    for request, reply in zip(requests, replies, strict=True):
        own = own_logprobs(model, request.ids, reply.ids)
        assert (own - torch.tensor(reply.logprobs)).abs().max() < 0.1
