"""Well-known architectures: computed as the model computes them, or refused."""

import pytest
import torch

from games.errors import ArtifactError
from stages.base.tiny import make_tiny_tokenizer
from stages.common.chat import ChatTemplate
from stages.common.policy import Policy
from stages.engines.backend import Request
from stages.engines.choice import choose_engine
from stages.engines.local.engine import Engine
from stages.engines.local.soundness import check_engine, own_logprobs
from stages.engines.paged.engine import PagedEngine
from stages.engines.shape import read_context
from tests.stages.architectures import KINDS, OTHERS, make_model

NUM = 6
"""Ids of a reply; with its prompt more than any window."""


def ask_twice(engine: Engine | PagedEngine) -> list[tuple[list[int], list[float]]]:
    """Let some prompts that begin alike be answered, and one answer be followed up."""
    ids = torch.arange(3, 40).tolist()
    prompts = [ids[:11], ids[:11] + ids[30:35], ids[:21]]
    first = engine.sample([Request(n, one, n, NUM) for n, one in enumerate(prompts)])
    more = [*prompts[1], *first[1].ids, 7, 8, 9]
    (second,) = engine.sample([Request(1, more, 9, NUM)])
    asked = zip([*prompts, more], [*first, second], strict=True)
    return [(prompt + one.ids, one.logprobs) for prompt, one in asked]


@pytest.mark.parametrize("name", KINDS)
def test_log_probabilities_are_those_of_the_models_own_forward(name: str) -> None:
    """Multipliers, caps, windows, rotations, experts: of both engines, in a batch."""
    model = make_model(name)
    for engine in (
        choose_engine(model, (), temperature=1.0),
        PagedEngine(model, (), temperature=1.0, positions=1024),
    ):
        for ids, logprobs in ask_twice(engine):
            own = own_logprobs(model, ids[:-NUM], ids[-NUM:])
            assert torch.allclose(own, torch.tensor(logprobs), atol=1e-3)


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_engines_do_not_compute_is_refused(name: str) -> None:
    """In one sentence, before anything is played."""
    tokenizer = make_tiny_tokenizer()
    policy = Policy(make_model(name), tokenizer, ChatTemplate(tokenizer))

    with pytest.raises(ArtifactError, match=r"set compute\.engine to vllm"):
        check_engine(policy, name)


def test_a_session_ends_where_positions_begin_to_move() -> None:
    """What a pass of others would turn otherwise is left out: the context is full."""
    factors = {
        "short_factor": [1.0, 1.1, 1.2, 1.3],
        "long_factor": [2.0, 3.0, 4.0, 5.0],
    }
    rope = {"rope_type": "longrope", "rope_theta": 1e4, **factors}
    moving = make_model(
        "phi3",
        partial_rotary_factor=1.0,
        original_max_position_embeddings=24,
        rope_parameters=rope | {"original_max_position_embeddings": 24},
    )
    ids = list(range(3, 23))
    for engine in (
        Engine(moving, (), temperature=1.0),
        PagedEngine(moving, (), temperature=1.0, positions=512),
    ):
        whole, cut = engine.sample([Request(0, ids, 0, 9), Request(1, ids[:5], 0, 9)])
        assert len(whole.ids) == 4
        for prompt, reply in ((ids, whole), (ids[:5], cut)):
            own = own_logprobs(moving, prompt, reply.ids)
            assert torch.allclose(own, torch.tensor(reply.logprobs), atol=1e-3)


def test_windows_are_crossed_only_where_they_are_known_to_be_kept() -> None:
    """Elsewhere a session's context ends where it would begin to matter."""
    assert read_context(make_model("mistral").config) == 512
    assert read_context(make_model("qwen2").config) == 512
    assert read_context(make_model("llama").config) == 512
    assert read_context(make_model("gpt-oss", sliding_window=64).config) == 64
    chunked = make_model("llama4, small chunks", attention_chunk_size=128)
    assert read_context(chunked.config) == 128
