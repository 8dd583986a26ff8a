"""Self-play: many episodes in flight are the episodes that would be played alone."""

import random

import pytest

from games.contract import Instance
from games.registry import GAMES
from games.session import Episode
from pipeline.params.sections.players import ExpertPlayer
from stages.base.tiny import make_tiny_policy
from stages.common.chat import ChatTemplate
from stages.common.seeds import derive_seed
from stages.engines.backend import Reply
from stages.engines.local.engine import Engine
from stages.playing.redraw import is_broken_by_partner
from stages.playing.seats import ExpertSeat, PolicySeat, seat_for
from stages.playing.table import Table, make_table, play
from stages.tools.selfplay_speed.relay import make_relay_instances, shorten
from stages.tools.selfplay_speed.workload import play_relay
from tests.stages.material import COMPUTE

TABOO = GAMES["taboo"]


@pytest.fixture(scope="module")
def seat() -> PolicySeat:
    """Return a seat for a tiny untrained policy."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    chat = ChatTemplate(tokenizer)
    return PolicySeat(Engine(model.eval(), chat.end_of_turn, temperature=1.0), chat)


def instances(num: int) -> list[Instance]:
    """Return some taboo instances."""
    data = TABOO.generate("high_en", "train", num, random.Random(0))
    return [Instance("taboo", "high_en", str(n), d) for n, d in enumerate(data)]


def tables(seat: PolicySeat, num: int) -> list[Table]:
    """Return tables with an expert describer and the policy as guesser."""
    result = []
    for instance in instances(num):
        seed = derive_seed(1, instance.instance_id)
        rng = random.Random(seed)
        expert = TABOO.expert(instance, "describer", 1.0, rng)
        seats = {"describer": ExpertSeat(expert), "guesser": seat}
        names = {"describer": "expert", "guesser": "policy"}
        result.append(make_table(TABOO, instance, seats, names, sample=0, seed=seed))
    return result


def episodes(seat: PolicySeat, num: int, batch_size: int) -> list[Episode]:
    """Play all tables; return their episodes in order."""
    all_tables = tables(seat, num)
    finished = list(play(all_tables, batch_size))
    assert len(finished) == num
    return [table.session.episode() for table in all_tables]


def test_the_number_in_flight_does_not_change_an_episode(seat: PolicySeat) -> None:
    """1, 8 and 64 at once give the same replies, token by token."""
    alone = episodes(seat, 64, 1)

    for batch_size in (8, 64):
        together = episodes(seat, 64, batch_size)
        for one, other in zip(alone, together, strict=True):
            assert [t.token_ids for t in one.turns] == [
                t.token_ids for t in other.turns
            ]


def test_greedy_dialogues_of_two_policies_do_not_depend_on_it_either() -> None:
    """Four turns of two roles, greedy in float32: 1, 8 and 64 at once are equal."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    chat = ChatTemplate(tokenizer)

    def replies(batch_size: int) -> list[list[list[int]]]:
        engine = Engine(model.eval(), chat.end_of_turn, temperature=0)
        short, instances = shorten(8), make_relay_instances(64)
        _, tables = play_relay(engine, chat, instances, batch_size, short)
        return [[turn.token_ids for turn in t.session.turns] for t in tables]

    alone = replies(1)

    assert {len(turns) for turns in alone} == {4}
    assert replies(8) == alone
    assert replies(64) == alone


def test_a_stream_holds_what_was_sampled(seat: PolicySeat) -> None:
    """The masked ids of a seat are the sampled ids of its turns, in order."""
    for table in play(tables(seat, 3), 3):
        stream = table.streams["guesser"]
        sampled = [i for i, m in zip(stream.ids, stream.mask, strict=True) if m]
        turns = table.session.turns

        assert sampled == [i for t in turns if t.role == "guesser" for i in t.token_ids]
        assert not any(stream.mask[: stream.prompt_length])
        assert len(stream.ids) == len(stream.mask) == len(stream.logprobs)


def table_of_two(seat: PolicySeat, seed: int) -> Table:
    """Return a table of taboo at which the policy has both seats."""
    names = dict.fromkeys(TABOO.spec.roles, "policy")
    seats = dict.fromkeys(TABOO.spec.roles, seat)
    return make_table(TABOO, instances(1)[0], seats, names, sample=0, seed=seed)


def say(seat: PolicySeat, text: str, *, ends: bool = True) -> Reply:
    """Return a reply in a policy's ids, cut off before its end if it is told so."""
    ids = seat.chat._encode(text) + [seat.chat.end_of_turn] * ends
    return Reply(ids, [-1.0] * len(ids))


def test_every_reply_is_drawn_by_a_seed_of_its_own(seat: PolicySeat) -> None:
    """Of its episode, its role and its turn: the same ones in a rerun."""

    def seeds(seed: int) -> list[int]:
        table, found = table_of_two(seat, seed), []
        while (question := table.advance()) is not None:
            found.append(question.request.seed)
            said = "GUESS: no" if table.session.role == "guesser" else "CLUE: it is"
            question.answer(say(seat, said))
        return found

    assert len(seeds(1)) == 6
    assert seeds(1) == seeds(1)
    assert len({*seeds(1), *seeds(2)}) == 12


def test_a_reply_that_was_cut_off_ends_in_the_next_prompt(seat: PolicySeat) -> None:
    """The policy sees the chat as its template writes it; the end was not sampled."""
    table = table_of_two(seat, 1)
    said = [say(seat, "CLUE: it is", ends=False), say(seat, "GUESS: no")]
    for reply in said:
        table.advance().answer(reply)

    asked = table.advance().request.ids

    assert asked == seat.chat.encode_prompt(table.session.messages())
    stream = table.streams["describer"]
    sampled = [i for i, m in zip(stream.ids, stream.mask, strict=True) if m]
    assert sampled == said[0].ids


def test_an_abort_is_a_partners_only_if_somebody_else_learns(seat: PolicySeat) -> None:
    """What the learner broke stays; where nobody learns, everything does."""
    table = table_of_two(seat, 1)
    table.advance().answer(say(seat, "CLUE: it is"))
    table.advance().answer(say(seat, "no form at all"))

    assert table.advance() is None
    assert table.session.episode().ended_by == "guesser"
    assert is_broken_by_partner(table, ["describer"])
    assert not is_broken_by_partner(table, ["guesser"])
    assert not is_broken_by_partner(table, [])


def test_an_expert_is_another_one_in_each_episode(seat: PolicySeat) -> None:
    """Its mistakes are drawn by the episode's seed, and in a rerun again."""
    player = ExpertPlayer(kind="expert", skill=0.5)
    make_seat = seat_for(player, "base", COMPUTE, {}, temperature=0.0)
    (instance,) = instances(1)

    def replies(seed: int) -> list[str]:
        seats = {role: make_seat(instance, role, seed) for role in TABOO.spec.roles}
        names = dict.fromkeys(seats, "expert")
        table = make_table(TABOO, instance, seats, names, sample=0, seed=0)
        list(play([table], 1))
        return [turn.reply for turn in table.session.turns]

    assert replies(1) == replies(1)
    assert len({tuple(replies(seed)) for seed in range(9)}) > 3


def test_scripted_tables_need_no_engine() -> None:
    """Experts alone finish without any batch."""
    game, instance = TABOO, instances(1)[0]
    seats = {
        r: ExpertSeat(game.expert(instance, r, 1.0, random.Random(0)))
        for r in game.spec.roles
    }
    names = dict.fromkeys(game.spec.roles, "expert")

    (table,) = play([make_table(game, instance, seats, names, sample=0, seed=0)], 4)

    assert table.session.episode().outcome == "success"


def test_an_aside_leaves_no_trace_in_what_a_policy_sees(seat: PolicySeat) -> None:
    """In privateshared each request is the chat without asides, written as a whole."""
    game = GAMES["privateshared"]
    (data,) = game.generate("restaurant", "train", 1, random.Random(0))
    instance = Instance("privateshared", "restaurant", "1", data)
    expert = game.expert(instance, "answerer", 1.0, random.Random(0))
    names, (_, tokenizer) = (
        {"answerer": "policy"},
        make_tiny_policy(hidden_size=32, layers=2),
    )
    table = make_table(game, instance, {"answerer": seat}, names, sample=0, seed=1)
    while (question := table.advance()) is not None:
        messages = table.session.messages()
        assert question.request.ids == list(seat.chat.encode_prompt(messages))
        said = tokenizer(expert(messages), add_special_tokens=False)["input_ids"]
        ids = [*said, seat.chat.end_of_turn]
        question.answer(Reply(ids, [0.0] * len(ids)))
    assert table.session.episode().outcome == "success"
