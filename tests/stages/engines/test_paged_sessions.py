"""Sessions of the paged engine: what they share, when pages run out, who trains."""

import pytest
import torch

from games.errors import StudyError
from stages.common.chat import ChatTemplate
from stages.engines.backend import Reply, Request
from stages.engines.local.adapters import BASE
from stages.engines.local.soundness import own_logprobs
from stages.engines.paged import steps
from stages.engines.paged.engine import PagedEngine
from stages.engines.paged.pages import PAGE
from tests.stages.engines.paged import POSITIONS, asked, said, tiny, widen
from tests.stages.material import adapted


def test_sessions_that_do_not_fit_together_take_turns(
    chat: ChatTemplate, device: str
) -> None:
    """Where pages suffice for two, the rest wait; the oldest pages are written anew."""
    model = tiny().to(device)
    requests = asked(chat, 12)[:5]
    longest = max(len(request.ids) for request in requests) + 12
    few = -(-longest // PAGE) + 2
    small = PagedEngine(model, -1, temperature=1.0, positions=few * PAGE)
    large = PagedEngine(model, -1, temperature=1.0, positions=POSITIONS)

    for _ in range(2):
        assert said(small.sample(requests)) == said(large.sample(requests))

    assert small._pages.num == few
    assert small.tokens.cached < large.tokens.cached


def test_memory_for_no_session_at_all_is_said(chat: ChatTemplate, device: str) -> None:
    """One session that does not fit is an error in a sentence."""
    engine = PagedEngine(tiny().to(device), -1, temperature=0, positions=2 * PAGE)

    with pytest.raises(StudyError, match="memory does not suffice"):
        engine.sample(asked(chat, 50)[:1])


def test_what_begins_alike_is_computed_once(chat: ChatTemplate, device: str) -> None:
    """Pages of a prompt serve those who come with it, and those who come later."""
    engine = PagedEngine(tiny().to(device), -1, temperature=1.0, positions=POSITIONS)
    ids = chat.encode_prompt([{"role": "user", "content": "a long story " * 20}])
    whole = (len(ids) - 1) // PAGE * PAGE

    engine.sample([Request(n, ids, n, 2) for n in range(3)])
    engine.sample([Request("later", ids, 9, 2)])

    assert engine.tokens.prompt == 4 * len(ids)
    assert engine.tokens.cached == 3 * whole


def test_a_page_is_shared_only_once_all_of_it_is_computed(device: str) -> None:
    """The last id of a prompt, or of a reply, may be the last one of its page."""
    model = widen(tiny()).to(device)
    kept = PagedEngine(model, -1, temperature=0, positions=POSITIONS)

    def alone(request: Request) -> list[list[int]]:
        fresh = PagedEngine(model, -1, temperature=0, positions=POSITIONS)
        return said(fresh.sample([request]))

    first = Request(1, list(range(9, 9 + 2 * PAGE)), 0, PAGE)
    second = Request(2, [*first.ids, 7, 8, 9], 0, PAGE)
    replies = kept.sample([first, second])
    third = Request(3, first.ids + replies[0].ids + [7, 8, 9], 0, PAGE)
    replies += kept.sample([third])

    for request, reply in zip((first, second, third), replies, strict=True):
        own = own_logprobs(model, request.ids, reply.ids)
        assert reply.logprobs == pytest.approx(own.tolist(), abs=1e-4)
        assert [reply.ids] == alone(request)


def test_a_prompt_longer_than_a_pass_takes_several(
    chat: ChatTemplate, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut anywhere, it is the same prompt."""
    model, requests = tiny().to(device), asked(chat, 8)[:5]
    whole = PagedEngine(model, -1, temperature=0, positions=POSITIONS).sample(requests)
    monkeypatch.setattr(steps, "_PROMPT_IDS", 37)

    parts = PagedEngine(model, -1, temperature=0, positions=POSITIONS).sample(requests)

    assert said(parts) == said(whole)


def test_an_aside_leaves_no_trace(chat: ChatTemplate, device: str) -> None:
    """A session may part from what it was, and branch: only equal starts are used."""
    model = tiny().to(device)
    kept = PagedEngine(model, -1, temperature=0, positions=POSITIONS)
    ids = chat.encode_prompt([{"role": "user", "content": "count " * 9}])
    aside, main = (
        ids + chat.extend("an aside " * 5),
        ids + chat.extend("and then? " * 5),
    )

    for session in (ids, aside, main, aside + chat.extend("on")):
        fresh = PagedEngine(model, -1, temperature=0, positions=POSITIONS)
        request = Request("one", session, 0, 20)
        assert said(kept.sample([request])) == said(fresh.sample([request]))

    assert kept.tokens.cached > 2 * (len(ids) // PAGE * PAGE)


def test_forks_of_a_reply_compute_its_history_once(
    chat: ChatTemplate, device: str
) -> None:
    """Branches go on by themselves from what their trunk holds, its reply included."""
    engine = PagedEngine(tiny().to(device), -1, temperature=1.0, positions=POSITIONS)
    ids = chat.encode_prompt([{"role": "user", "content": "a story"}])
    (trunk,) = engine.sample([Request("trunk", ids, 1, 60)])
    history = ids + trunk.ids + chat.extend("go on")
    before = engine.tokens.cached

    forks = engine.sample([Request(seed, history, seed, 20) for seed in range(3)])

    assert len({tuple(reply.ids) for reply in forks}) == 3
    held = (len(ids) + 60 - 1) // PAGE * PAGE
    assert engine.tokens.cached - before >= 3 * held


def test_a_request_joins_those_in_flight(chat: ChatTemplate, device: str) -> None:
    """What is submitted while others decode gets the reply that it gets alone."""
    model = tiny().to(device)
    engine = PagedEngine(model, -1, temperature=1.0, positions=POSITIONS)
    short, long, late = (
        Request(place, asked(chat, 1)[place].ids, place, num)
        for place, num in enumerate((3, 40, 25))
    )
    engine.submit(short)
    engine.submit(long)

    ended = dict(engine.collect())
    assert list(ended) == [short.session]
    engine.submit(late)
    while engine.ready:
        ended |= dict(engine.collect())

    for request in (short, long, late):
        alone = PagedEngine(model, -1, temperature=1.0, positions=POSITIONS)
        assert [ended[request.session].ids] == said(alone.sample([request]))


def test_a_full_context_gives_an_empty_reply(chat: ChatTemplate, device: str) -> None:
    """A session that has outgrown the model gets a defined reply, and so do others."""
    engine = PagedEngine(tiny().to(device), -1, temperature=0, positions=POSITIONS)
    full, nearly = Request("full", [5] * 4096, 0, 4), Request("near", [5] * 4094, 0, 4)

    replies = engine.sample([full, nearly, asked(chat, 4)[0]])

    assert replies[0] == Reply([], [])
    assert [len(reply.ids) for reply in replies] == [0, 2, 4]


def test_adapters_play_as_they_are_trained(chat: ChatTemplate, device: str) -> None:
    """A learner and its start policy share a model, before and after training."""
    learner = adapted(tiny(), "learner", "partner").to(device)
    engines = {
        adapter: PagedEngine(
            learner, -1, temperature=1.0, adapter=adapter, positions=POSITIONS
        )
        for adapter in (None, BASE, "partner")
    }
    requests = asked(chat, 20)[:5]
    before = {name: said(one.sample(requests)) for name, one in engines.items()}
    plain = PagedEngine(tiny().to(device), -1, temperature=1.0, positions=POSITIONS)
    assert before[BASE] == said(plain.sample(requests))
    assert before[None] != before[BASE] != before["partner"] != before[None]

    with torch.no_grad():
        for name, weight in learner.named_parameters():
            if "lora_B.learner" in name:
                weight.normal_()
    for engine in engines.values():
        engine.reset()

    after = engines[None].sample(requests)
    assert said(after) != before[None]
    for name in (BASE, "partner"):
        assert said(engines[name].sample(requests)) == before[name]
    for request, reply in zip(requests, after, strict=True):
        own = own_logprobs(learner, request.ids, reply.ids)
        assert reply.logprobs == pytest.approx(own.tolist(), abs=1e-3)


def test_trained_weights_are_sampled_from_after_a_reset(
    chat: ChatTemplate, device: str
) -> None:
    """Whether they were changed in place, or are other tensors now."""
    model, requests = tiny().to(device), asked(chat, 12)[:5]
    engine = PagedEngine(model, -1, temperature=0, positions=POSITIONS)
    for _ in range(2):
        engine.sample(requests)
        with torch.no_grad():
            for weight in model.parameters():
                weight.data = weight.data.clone()  # elsewhere
                weight.add_(torch.randn_like(weight) * 0.3)
        engine.reset()

        replies = engine.sample(requests)

        for request, reply in zip(requests, replies, strict=True):
            own = own_logprobs(model, request.ids, reply.ids)
            assert reply.logprobs == pytest.approx(own.tolist(), abs=1e-3)
