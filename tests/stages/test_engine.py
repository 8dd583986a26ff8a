"""The engine samples what the model would, however sessions are batched and cached."""

import pytest
import torch

from stages.base.tiny import tiny_policy
from stages.common.chat import ChatTemplate
from stages.selfplay.engine import Engine, Reply, Request

PROMPTS = ["name a bird", "name a bird, please", "count", "name a bird"]


@pytest.fixture(scope="module")
def policy() -> tuple[torch.nn.Module, ChatTemplate]:
    """Return a tiny untrained model and its chat template."""
    model, tokenizer = tiny_policy(hidden_size=32, layers=2)
    return model.eval(), ChatTemplate(tokenizer)


def requests(chat: ChatTemplate) -> list[Request]:
    """Return one request for each prompt."""
    return [
        Request(place, chat.prompt([{"role": "user", "content": text}]), seed=place)
        for place, text in enumerate(PROMPTS)
    ]


def alone(model: torch.nn.Module, ids: list[int], num: int, end: int) -> list[int]:
    """Decode greedily without any cache, one sequence, the plain way."""
    start = len(ids)
    for _ in range(num):
        logits = model(input_ids=torch.tensor([ids])).logits[0, -1]
        ids = [*ids, int(logits.argmax())]
        if ids[-1] == end:
            break
    return ids[start:]


def test_greedy_replies_equal_decoding_each_prompt_alone(policy: tuple) -> None:
    """A batch of unequal, partly shared prompts gives the replies of each one alone."""
    model, chat = policy
    engine = Engine(model, chat.end_of_turn, temperature=0)

    replies = engine.sample(requests(chat), 12)

    for request, reply in zip(requests(chat), replies, strict=True):
        assert reply.ids == alone(model, request.ids, 12, chat.end_of_turn)


def test_a_second_turn_continues_from_the_cache(policy: tuple) -> None:
    """Cached sessions of unequal length give the replies of a fresh computation."""
    model, chat = policy
    engine = Engine(model, chat.end_of_turn, temperature=0)
    first = requests(chat)
    replies = engine.sample(first, 6)
    second = [
        Request(r.session, r.ids + reply.ids + chat.extend("more" * place), seed=9)
        for place, (r, reply) in enumerate(zip(first, replies, strict=True), start=1)
    ]
    cached = engine.tokens.cached

    again = engine.sample(second, 6)

    assert engine.tokens.cached - cached >= sum(len(r.ids) for r in first)
    for request, reply in zip(second, again, strict=True):
        assert reply.ids == alone(model, request.ids, 6, chat.end_of_turn)


def test_a_sampled_reply_does_not_depend_on_its_batch(policy: tuple) -> None:
    """The same request and seed give the same ids, alone or among others."""
    model, chat = policy
    many = Engine(model, chat.end_of_turn, temperature=1.0).sample(requests(chat), 12)
    one = Engine(model, chat.end_of_turn, temperature=1.0).sample(
        requests(chat)[2:3], 12
    )

    assert many[2].ids == one[0].ids
    assert many[2].logprobs == pytest.approx(one[0].logprobs, abs=1e-4)


def test_equal_prompts_with_other_seeds_give_other_replies(policy: tuple) -> None:
    """Prefilling equal prompts as one does not tie their replies together."""
    model, chat = policy
    replies = Engine(model, chat.end_of_turn, temperature=1.0).sample(
        requests(chat), 12
    )

    assert replies[0].ids != replies[3].ids


def test_log_probabilities_are_the_models_own(policy: tuple) -> None:
    """What is recorded at sampling is what the model gives to the sampled ids."""
    model, chat = policy
    request = requests(chat)[1]
    reply = Engine(model, chat.end_of_turn, temperature=1.0).sample([request], 8)[0]
    ids = torch.tensor([request.ids + reply.ids])

    logits = model(input_ids=ids).logits[0, len(request.ids) - 1 : -1]
    expected = logits.log_softmax(-1).gather(1, ids[0, len(request.ids) :, None])

    assert reply.logprobs == pytest.approx(expected[:, 0].tolist(), abs=1e-4)


def test_sampling_follows_the_distribution(policy: tuple) -> None:
    """Over many seeds the first id is drawn as often as its probability says."""
    model, chat = policy
    ids = requests(chat)[0].ids
    probs = model(input_ids=torch.tensor([ids])).logits[0, -1].detach().softmax(-1)
    engine = Engine(model, chat.end_of_turn, temperature=1.0)
    likely = set(probs.topk(100).indices.tolist())
    expected = probs.topk(100).values.sum().item()

    replies = engine.sample([Request(n, ids, seed=n) for n in range(2000)], 1)

    share = sum(reply.ids[0] in likely for reply in replies) / len(replies)
    assert share == pytest.approx(expected, abs=0.04)


def test_a_full_context_gives_an_empty_reply(policy: tuple) -> None:
    """A session that has outgrown the model gets a defined reply, and so do others."""
    model, chat = policy
    engine = Engine(model, chat.end_of_turn, temperature=0)
    long = Request("long", [5] * 4095, seed=0)

    replies = engine.sample([long, requests(chat)[0]], 4)

    assert replies[0] == Reply([], [])
    assert len(replies[1].ids) >= 1
