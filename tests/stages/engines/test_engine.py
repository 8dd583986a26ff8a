"""The engine samples what the model would, however sessions are batched and cached."""

import copy
from dataclasses import replace

import pytest
import torch
from transformers import (
    GptOssConfig,
    GptOssForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

from games.errors import ArtifactError, StudyError
from stages.base.tiny import make_tiny_policy
from stages.common.chat import ChatTemplate
from stages.common.policy import Policy
from stages.engines.backend import Reply, Request
from stages.engines.local import engine as engine_module
from stages.engines.local.adapters import BASE
from stages.engines.local.banks import Bank, Banks
from stages.engines.local.cache import SessionCache
from stages.engines.local.drawing import draw
from stages.engines.local.engine import Engine
from stages.engines.local.prefixes import Prefixes, block_keys
from stages.engines.local.soundness import check_engine
from tests.stages.material import adapted

PROMPTS = ["name a bird", "name a bird, please", "count", "name a bird"]


@pytest.fixture(scope="module")
def policy() -> tuple[torch.nn.Module, ChatTemplate]:
    """Return a tiny untrained model and its chat template."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    return model.eval(), ChatTemplate(tokenizer)


def requests(chat: ChatTemplate, num: int = 12) -> list[Request]:
    """Return one request for each prompt."""
    return [
        Request(
            place, chat.encode_prompt([{"role": "user", "content": text}]), place, num
        )
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

    replies = engine.sample(requests(chat))

    for request, reply in zip(requests(chat), replies, strict=True):
        assert reply.ids == alone(model, request.ids, 12, chat.end_of_turn)


def test_a_second_turn_continues_from_the_cache(policy: tuple) -> None:
    """Cached sessions of unequal length give the replies of a fresh computation."""
    model, chat = policy
    engine = Engine(model, chat.end_of_turn, temperature=0)
    first = requests(chat, 6)
    replies = engine.sample(first)
    second = [
        Request(r.session, r.ids + reply.ids + chat.extend("more" * place), 9, 6)
        for place, (r, reply) in enumerate(zip(first, replies, strict=True), start=1)
    ]
    cached = engine.tokens.cached

    again = engine.sample(second)

    assert engine.tokens.cached - cached >= sum(len(r.ids) for r in first)
    for request, reply in zip(second, again, strict=True):
        assert reply.ids == alone(model, request.ids, 6, chat.end_of_turn)


def test_a_sampled_reply_does_not_depend_on_its_batch(policy: tuple) -> None:
    """The same request and seed give the same ids, alone or among others."""
    model, chat = policy
    many = Engine(model, chat.end_of_turn, temperature=1.0).sample(requests(chat))
    one = Engine(model, chat.end_of_turn, temperature=1.0).sample(requests(chat)[2:3])

    assert many[2].ids == one[0].ids
    assert many[2].logprobs == pytest.approx(one[0].logprobs, abs=1e-4)


def test_equal_prompts_with_other_seeds_give_other_replies(policy: tuple) -> None:
    """Prefilling equal prompts as one does not tie their replies together."""
    model, chat = policy
    replies = Engine(model, chat.end_of_turn, temperature=1.0).sample(requests(chat))

    assert replies[0].ids != replies[3].ids


def test_log_probabilities_are_the_models_own(policy: tuple) -> None:
    """What is recorded at sampling is what the model gives to the sampled ids."""
    model, chat = policy
    request = requests(chat, 8)[1]
    reply = Engine(model, chat.end_of_turn, temperature=1.0).sample([request])[0]
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

    replies = engine.sample([Request(n, ids, n, 1) for n in range(2000)])

    share = sum(reply.ids[0] in likely for reply in replies) / len(replies)
    assert share == pytest.approx(expected, abs=0.04)


def test_a_temperature_sharpens_the_distribution(policy: tuple) -> None:
    """At a low one the first id is drawn as often as the scaled logits say."""
    model, chat = policy
    ids = requests(chat)[0].ids
    logits = model(input_ids=torch.tensor([ids])).logits[0, -1].detach()
    sharp, flat = ((logits / t).softmax(-1).topk(5) for t in (0.02, 1.0))
    assert sharp.values.sum() > 2 * flat.values.sum()
    engine = Engine(model, chat.end_of_turn, temperature=0.02)

    replies = engine.sample([Request(n, ids, n, 1) for n in range(1000)])

    likely = set(sharp.indices.tolist())
    share = sum(reply.ids[0] in likely for reply in replies) / len(replies)
    assert share == pytest.approx(sharp.values.sum().item(), abs=0.06)
    own = logits.log_softmax(-1)
    assert replies[0].logprobs[0] == pytest.approx(own[replies[0].ids[0]].item(), 1e-4)


def test_a_reply_stops_at_its_end(policy: tuple) -> None:
    """The end is its last id, and nothing comes after it."""
    model, chat = policy
    request = requests(chat)[0]
    said = alone(model, request.ids, 12, -1)
    end = said[5]

    (reply,) = Engine(model, end, temperature=0).sample([request])

    assert reply.ids == said[: said.index(end) + 1]


def test_a_reply_stops_at_whichever_end_comes_first(policy: tuple) -> None:
    """Models say more than their template's end of turn when they are done."""
    model, chat = policy
    request = requests(chat)[0]
    said = alone(model, request.ids, 12, -1)
    ends = {said[9], said[5], 258}

    (reply,) = Engine(model, ends, temperature=0).sample([request])

    assert reply.ids == said[: min(said.index(said[9]), said.index(said[5])) + 1]


def test_after_a_reset_the_weights_of_now_play() -> None:
    """GRPO trains between two rounds of rollouts, in place."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    chat = ChatTemplate(tokenizer)
    engine = Engine(model.eval(), -1, temperature=0)
    (before,) = engine.sample(requests(chat)[:1])
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)

    engine.reset()
    (after,) = engine.sample(requests(chat)[:1])

    assert after.ids == alone(model, requests(chat)[0].ids, 12, -1) != before.ids


def test_a_full_context_gives_an_empty_reply(policy: tuple) -> None:
    """A session that has outgrown the model gets a defined reply, and so do others."""
    model, chat = policy
    engine = Engine(model, chat.end_of_turn, temperature=0)
    full = Request("full", [5] * 4096, 0, 4)
    nearly = Request("nearly", [5] * 4094, 0, 4)

    replies = engine.sample([full, nearly, requests(chat)[0]])

    assert replies[0] == Reply([], [])
    assert len(replies[1].ids) == 2
    assert len(replies[2].ids) >= 1


def test_the_start_of_a_prompt_is_computed_once(policy: tuple) -> None:
    """Prompts that begin alike, and equal ones, share what they have in common."""
    model, chat = policy
    start = chat.encode_prompt([{"role": "user", "content": "a long story " * 20}])[:-8]
    engine = Engine(model, chat.end_of_turn, temperature=1.0)
    ids = [start + [n] * 20 for n in (7, 7, 8)]

    engine.sample([Request(n, ids[n], n, 2) for n in range(3)])

    assert engine.tokens.prompt == 3 * len(ids[0])
    computed = engine.tokens.prompt - engine.tokens.cached
    assert computed == len(ids[0]) + 1 + 20


def test_an_ended_session_leaves_its_start_to_others(policy: tuple) -> None:
    """After a session is forgotten, the next one with its prompt computes one id."""
    model, chat = policy
    engine = Engine(model, chat.end_of_turn, temperature=1.0)
    ids = chat.encode_prompt([{"role": "user", "content": "a long story " * 20}])

    engine.sample([Request("first", ids, 1, 4)])
    engine.forget("first")
    engine.sample([Request("second", ids, 2, 4)])

    assert engine.tokens.cached == len(ids) - 1


def test_an_aside_leaves_no_trace(policy: tuple) -> None:
    """A session may part from what it was: only what is still shared is reused."""
    model, chat = policy
    engine = Engine(model, chat.end_of_turn, temperature=0)
    ids = chat.encode_prompt([{"role": "user", "content": "count"}])
    aside, main = ids + chat.extend("an aside"), ids + chat.extend("and then?")

    for session in (ids, aside, main):
        (reply,) = engine.sample([Request("one", session, 0, 6)])
        assert reply.ids == alone(model, session, 6, chat.end_of_turn)

    assert engine.tokens.cached >= 2 * len(ids)


def test_a_request_joins_those_in_flight(policy: tuple) -> None:
    """What is submitted while others are decoded gives the reply it gives alone."""
    model, chat = policy
    engine = Engine(model, chat.end_of_turn, temperature=0)
    early, late = requests(chat, 3)[2], requests(chat, 12)[1]
    engine.submit(early)
    engine.submit(requests(chat, 12)[0])

    ended = dict(engine.collect())
    engine.submit(late)
    while engine.ready:
        ended |= dict(engine.collect())

    assert ended[1].ids == alone(model, late.ids, 12, chat.end_of_turn)
    assert len(ended) == 3


def test_a_long_prompt_takes_several_steps(
    policy: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prompt of more ids than a step takes is computed in parts, to the same end."""
    model, chat = policy
    monkeypatch.setattr(engine_module, "_STEP_TOKENS", 5)

    replies = Engine(model, chat.end_of_turn, temperature=0).sample(requests(chat))

    for request, reply in zip(requests(chat), replies, strict=True):
        assert reply.ids == alone(model, request.ids, 12, chat.end_of_turn)


def test_when_memory_runs_out_half_goes_on(
    policy: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that does not fit is halved, and nothing is lost or changed."""
    model, chat = policy
    forward, refused = engine_module.forward, []

    def with_little_memory(model: object, banks: Banks, *new: list) -> object:
        if (num := sum(map(len, new))) > 2:
            refused.append(num)
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return forward(model, banks, *new)

    monkeypatch.setattr(engine_module, "forward", with_little_memory)
    engine = Engine(model, chat.end_of_turn, temperature=1.0)
    replies = engine.sample(requests(chat))

    assert refused
    monkeypatch.undo()
    whole = Engine(model, chat.end_of_turn, temperature=1.0).sample(requests(chat))
    assert [reply.ids for reply in replies] == [reply.ids for reply in whole]


def test_memory_for_no_session_at_all_is_said(
    policy: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One session that does not fit is an error in a sentence."""
    model, chat = policy

    def without_memory(*_: object) -> object:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(engine_module, "forward", without_memory)
    with pytest.raises(StudyError, match="memory does not suffice"):
        Engine(model, chat.end_of_turn, temperature=0).sample(requests(chat)[:1])


def test_sessions_that_outgrow_their_slots_go_on(policy: tuple) -> None:
    """Long replies, of prompts of other lengths, are those of each one alone."""
    model, chat = policy
    asked = [
        Request(
            n,
            chat.encode_prompt([{"role": "user", "content": "count " * times}]),
            n,
            90,
        )
        for n, times in enumerate((1, 15, 22, 40))
    ]

    replies = Engine(model, -1, temperature=0).sample(asked)

    for request, reply in zip(asked, replies, strict=True):
        assert reply.ids == alone(model, request.ids, 90, -1)


def test_what_a_session_says_is_found_by_another_that_begins_with_it(
    policy: tuple,
) -> None:
    """One whose prompt is all that a living session holds computes only what is new."""
    model, chat = policy
    engine = Engine(model, -1, temperature=0)
    first = requests(chat)[1]
    said = engine.sample([first])[0].ids
    other = Request("other", first.ids + said + [5, 6, 7], 0, 8)

    (reply,) = engine.sample([other])

    assert engine.tokens.cached >= len(first.ids) + len(said) - 1
    assert reply.ids == alone(model, other.ids, 8, -1)


def test_what_a_session_is_still_saying_is_not_taken_from_it(policy: tuple) -> None:
    """Another that begins with its half-said reply computes that itself."""
    model, chat = policy
    engine = Engine(model, -1, temperature=0)
    engine.submit(first := requests(chat, 40)[1])
    for _ in range(21):
        engine._step()
    said = engine._active[0].ids[:20]

    engine.submit(other := Request("other", first.ids + said + [5, 6, 7], 0, 8))
    ended: dict[object, Reply] = {}
    while engine.ready:
        ended |= dict(engine.collect())

    assert ended["other"].ids == alone(model, other.ids, 8, -1)
    assert ended[1].ids == alone(model, first.ids, 40, -1)


@pytest.mark.parametrize("where", ["_new_cache", "copy_back"])
def test_memory_that_runs_out_between_passes_loses_nothing(
    where: str, policy: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a session is seated or brought home, every request is answered."""
    model, chat = policy
    owner = Engine if where == "_new_cache" else Bank
    real, calls = getattr(owner, where), []

    def without_memory(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) % 3 == 1 and len(calls) < 10:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return real(*arguments)

    monkeypatch.setattr(owner, where, without_memory)
    replies = Engine(model, -1, temperature=0).sample(requests(chat))

    assert calls
    for request, reply in zip(requests(chat), replies, strict=True):
        assert reply.ids == alone(model, request.ids, 12, -1)


def test_after_memory_ran_out_prompts_are_shared_again(
    policy: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal prompts that begin again are computed once, and decode side by side."""
    model, chat = policy
    ids = chat.encode_prompt([{"role": "user", "content": "a long story " * 20}])
    engine = Engine(model, -1, temperature=1.0)
    for number in range(8):
        engine.submit(Request(number, ids, number, 20))
    for _ in range(6):
        engine._step()
    engine._retreat()
    computed = []

    def counting(*arguments: object) -> object:
        computed.append(sum(len(part.ids) for part in arguments[-1]))
        return forward(*arguments)

    forward = engine_module.forward
    monkeypatch.setattr(engine_module, "forward", counting)
    while engine.ready:
        engine.collect()

    assert sum(computed) < 3 * len(ids)


def test_half_precision_is_sampled_too() -> None:
    """Where oneDNN has no layout for a type, the layers compute as ever."""
    for dtype in (torch.float16, torch.bfloat16):
        model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
        chat = ChatTemplate(tokenizer)
        engine = Engine(model.to(dtype).eval(), -1, temperature=1.0)

        assert all(len(reply.ids) == 12 for reply in engine.sample(requests(chat)))


def test_a_point_between_two_precisions_draws_no_impossible_id() -> None:
    """A block's last id is drawn only if it has a probability."""
    torch.manual_seed(0)
    probs = torch.rand(2000, 300)
    probs[:, 200:256] = 0
    probs /= probs.sum(-1, keepdim=True)
    firsts = probs[:, :256].sum(-1).double() / probs.sum(-1).double()
    points = torch.nextafter(firsts, torch.zeros_like(firsts))

    drawn = draw(probs, points)

    assert (probs.gather(1, drawn[:, None]) > 0).all()


def test_a_model_that_the_engine_does_not_compute_is_refused() -> None:
    """Attention sinks, which the engine leaves out, are found before anything plays."""
    torch.manual_seed(0)
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    policy = Policy(model.eval(), tokenizer, ChatTemplate(tokenizer))
    check_engine(policy, "sound")
    config = GptOssConfig(
        vocab_size=model.config.vocab_size,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        num_local_experts=2,
        num_experts_per_tok=1,
        rope_parameters={"rope_type": "default", "rope_theta": 1e4},
        max_position_embeddings=4096,
    )
    sinking = GptOssForCausalLM(config).eval()
    with torch.no_grad():
        for name, weight in sinking.named_parameters():
            weight.add_(3.0 if "sinks" in name else torch.randn_like(weight) * 0.3)

    with pytest.raises(ArtifactError, match="does not compute"):
        check_engine(replace(policy, model=sinking), "unsound")


def test_trained_weights_are_sampled_from_after_a_reset() -> None:
    """What was laid out of older weights is not used again."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    chat = ChatTemplate(tokenizer)
    engine = Engine(model.eval(), -1, temperature=0)
    engine.sample(requests(chat))
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.3)

    engine.reset()
    replies = engine.sample(requests(chat))

    for request, reply in zip(requests(chat), replies, strict=True):
        assert reply.ids == alone(model, request.ids, 12, -1)


def test_a_model_that_computes_no_numbers_is_refused() -> None:
    """A gap that is NaN is none that is small."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    with torch.no_grad():
        model.model.norm.weight.fill_(torch.nan)

    with pytest.raises(ArtifactError, match="differ by nan"):
        check_engine(Policy(model.eval(), tokenizer, ChatTemplate(tokenizer)), "broken")


def test_policies_of_one_base_play_from_one_model() -> None:
    """Each engine samples as its own adapter, or as the base, while another trains."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    chat, base = ChatTemplate(tokenizer), copy.deepcopy(model).eval()
    both = adapted(model, "learner", "partner")
    trained = [n for n, w in both.named_parameters() if w.requires_grad]

    said = {
        adapter: [
            reply.ids
            for reply in Engine(both, -1, temperature=0, adapter=adapter).sample(
                requests(chat)
            )
        ]
        for adapter in (BASE, "learner", "partner", None)
    }

    for name, ids in said.items():
        single = copy.deepcopy(both)
        if name:
            single.set_adapter(name)
        whole = base if name == BASE else single.merge_and_unload()
        expected = [alone(whole, r.ids, 12, -1) for r in requests(chat)]
        assert ids == expected, name
    assert said[None] == said["learner"] != said["partner"]
    assert trained == [n for n, w in both.named_parameters() if w.requires_grad]


def test_a_sliding_window_is_kept() -> None:
    """A model that sees its last ids only is decoded as it decodes itself."""
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=97,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=6,
        max_position_embeddings=128,
    )
    model = MistralForCausalLM(config).eval()
    ids = torch.randint(0, 97, (20,)).tolist()

    (reply,) = Engine(model, 97, temperature=0).sample([Request(0, ids, 0, 10)])

    assert reply.ids == alone(model, ids, 10, 97)


@pytest.mark.parametrize("size", [10, 256, 700])
def test_a_drawn_id_is_where_the_point_falls(size: int) -> None:
    """Drawing inverts the cumulative distribution, whatever the vocabulary's size."""
    torch.manual_seed(0)
    probs = torch.rand(50, size).softmax(-1)
    points = torch.rand(50)

    drawn = draw(probs, points)

    ends = probs.double().cumsum(-1)
    for row, token in enumerate(drawn.tolist()):
        begin = ends[row, token - 1] if token else 0.0
        assert begin <= points[row] * ends[row, -1] <= ends[row, token]


def test_sessions_that_grow_or_leave_give_their_memory_back(
    policy: tuple,
) -> None:
    """Banks hold what decodes: no shorter bank stays behind, and few spare slots."""
    model, banks = policy[0], Banks()
    caches = [SessionCache(model.config, model.dtype, model.device) for _ in range(12)]
    for length in (100, 150, 200, 300, 450):
        for cache in caches:
            cache.reserve(length)
            cache.ids, cache.stored = [0] * length, length
        banks.update(caches)
    (bank,) = banks
    assert banks.positions <= 2 * len(caches) * bank.room

    banks.update(caches[:2])
    assert banks.positions <= 4 * 2 * bank.room
    banks.update([])
    assert banks.positions == 0


def test_ended_sessions_are_kept_up_to_some_positions(policy: tuple) -> None:
    """The oldest goes first; many short ones may stay, or a few long ones."""
    model, prefixes = policy[0], Prefixes()
    for start in range(5):
        cache = SessionCache(model.config, model.dtype, model.device)
        cache.ids = [start] * 6000
        prefixes.add(cache, block_keys(cache.ids))
        prefixes.retire(cache)

    kept = [cache.ids[0] for cache in prefixes.retired.values()]
    assert kept == [3, 4]
