"""Seats of every kind do the same for a table, through one interface."""

import random
from collections.abc import Hashable
from pathlib import Path

import pytest

from games.contract import Instance, Message
from games.errors import ArtifactError
from games.registry import GAMES
from games.session import Turn
from pipeline.params.sections.players import (
    Endpoint,
    EndpointPlayer,
    ExpertPlayer,
    Player,
    PolicyPlayer,
    Prices,
)
from stages.base.tiny import make_tiny_policy as build_tiny
from stages.common.chat import ChatTemplate
from stages.engines.backend import Reply, Request, TokenCounts
from stages.playing.branching import fork
from stages.playing.seats import (
    EndpointSeat,
    ExpertSeat,
    MakeSeat,
    PolicySeat,
    Seat,
    seat_for,
)
from stages.playing.table import Table, find_backends, make_table, play
from tests.stages.material import COMPUTE

GAME = GAMES["privateshared"]
ROLE = "answerer"
KINDS = ("expert", "policy", "endpoint")


@pytest.fixture
def instance() -> Instance:
    """Return an instance of a game in which some replies are asides."""
    (data,) = GAME.generate("restaurant", "train", 1, random.Random(0))
    return Instance(GAME.spec.name, "restaurant", "1", data)


class Recited:
    """A backend that says what an expert would; it keeps what it was asked."""

    ready = True

    def __init__(self, instance: Instance, chat: ChatTemplate | None) -> None:
        self._instance, self._chat = instance, chat
        self._expert = expert_seat(instance).script
        self.tokens = TokenCounts()
        self.asked: list[Request] = []
        self.forgotten: list[Hashable] = []
        self._done = 0

    def submit(self, request: Request) -> None:
        """Take a request."""
        self.asked.append(request)

    def collect(self) -> list[tuple[Hashable, Reply]]:
        """Answer all that was asked since."""
        new, self._done = self.asked[self._done :], len(self.asked)
        return [(request.session, self._reply(request)) for request in new]

    def _reply(self, request: Request) -> Reply:
        text = self._expert(list(request.messages))
        if self._chat is None:
            return Reply([], [], text)
        ids = [*self._chat._encode(text), self._chat.end_of_turn]
        return Reply(ids, [-0.5] * len(ids))

    def forget(self, session: Hashable) -> None:
        """Note what is dropped."""
        self.forgotten.append(session)

    def reset(self) -> None:
        """Do nothing."""


def expert_seat(instance: Instance) -> ExpertSeat:
    """Return the seat of a perfect expert, the same each time."""
    player = ExpertPlayer(kind="expert", skill=1.0)
    seat = seat_for(player, "base", COMPUTE, {}, temperature=0.0)(instance, ROLE, 0)
    assert isinstance(seat, ExpertSeat)
    return seat


def make_seat(kind: str, instance: Instance) -> Seat:
    """Return a seat of a kind that says what the expert would say."""
    if kind == "endpoint":
        return EndpointSeat(Recited(instance, None))
    if kind == "policy":
        chat = ChatTemplate(build_tiny(hidden_size=32, layers=2)[1])
        return PolicySeat(Recited(instance, chat), chat)
    return expert_seat(instance)


def seated(instance: Instance, seat: Seat) -> Table:
    """Return a table with one seat."""
    return make_table(GAME, instance, {ROLE: seat}, {ROLE: "one"}, sample=0, seed=3)


def said(turns: list[Turn]) -> list[tuple[str, str, str]]:
    """Return what is asked and said in some turns, and what of it stays."""
    return [(turn.context, turn.reply, turn.kind) for turn in turns]


@pytest.mark.parametrize("kind", KINDS)
def test_seats_of_every_kind_play_the_same_episode(
    kind: str, instance: Instance
) -> None:
    """A table does not know who replies: the same words make the same episode."""
    (expected,) = play([seated(instance, expert_seat(instance))], 1)
    seat = make_seat(kind, instance)

    (table,) = play([seated(instance, seat)], 1)

    turns, episode = table.session.turns, table.session.episode()
    assert said(turns) == said(expected.session.turns)
    assert (episode.outcome, episode.main_score) == ("success", 100.0)
    assert {bool(t.token_ids) for t in turns if t.kind != "given"} == {kind == "policy"}
    assert set(table.streams) == ({ROLE} if kind == "policy" else set())


@pytest.mark.parametrize("kind", KINDS)
def test_a_fork_repeats_what_a_seat_of_any_kind_said(
    kind: str, instance: Instance
) -> None:
    """What comes before the branch is the episode's, and nobody is asked for it."""
    (trunk,) = play([seated(instance, make_seat(kind, instance))], 1)
    seat = make_seat(kind, instance)

    forked = fork(trunk, {ROLE: seat}, 4, seed=8)

    assert forked.session.turns == trunk.session.turns[:4]
    assert [request for b in seat.backends for request in b.asked] == []
    for role, stream in forked.streams.items():
        assert stream.ids == trunk.streams[role].ids[: len(stream.ids)]
        assert stream.mask == trunk.streams[role].mask[: len(stream.ids)]
    (ended,) = play([forked], 1)
    assert said(ended.session.turns) == said(trunk.session.turns)


def test_a_script_sees_again_what_it_saw(instance: Instance) -> None:
    """It may remember what it was asked: a fork asks it all that came before."""
    seen: list[str] = []
    script = expert_seat(instance).script

    def remember(messages: list[Message]) -> str:
        seen.append(messages[-1]["content"])
        return script(messages)

    (trunk,) = play([seated(instance, ExpertSeat(remember))], 1)
    asked = list(seen)
    seen.clear()

    list(play([fork(trunk, {ROLE: ExpertSeat(remember)}, 4, seed=8)], 1))

    assert seen == asked


@pytest.mark.parametrize("kind", KINDS)
def test_what_backends_keep_of_an_episode_is_dropped_at_its_end(
    kind: str, instance: Instance
) -> None:
    """Whatever asked a backend for replies frees its cache; an expert has none."""
    seat = make_seat(kind, instance)

    (table,) = play([seated(instance, seat)], 1)

    assert find_backends([table, table]) == list(seat.backends)
    assert len(seat.backends) == (kind != "expert")
    for backend in seat.backends:
        assert {request.session for request in backend.asked} == set(backend.forgotten)


def test_a_policy_is_asked_in_ids_and_an_endpoint_in_texts(instance: Instance) -> None:
    """The same chat, each in its own way; so both have the same seed and room."""
    asked = {}
    for kind in ("policy", "endpoint"):
        seat = make_seat(kind, instance)
        list(play([seated(instance, seat)], 1))
        asked[kind] = seat.backends[0].asked
        chat = ChatTemplate(build_tiny(hidden_size=32, layers=2)[1])
        for request in asked[kind]:
            ids = chat.encode_prompt(request.messages) if kind == "policy" else []
            assert request.ids == ids
    for one, other in zip(asked["policy"], asked["endpoint"], strict=True):
        assert one.messages == other.messages
        assert one.seed == other.seed
        assert one.max_new_tokens == other.max_new_tokens == GAME.spec.max_reply_tokens


def endpoint() -> Endpoint:
    """Return an endpoint that is never asked."""
    return Endpoint(
        url="http://localhost:1/v1",
        model="none",
        key=None,
        concurrency=1,
        timeout=1.0,
        retries=0,
        temperature=0.0,
        max_spend=None,
        prices=Prices(prompt=0.0, sampled=0.0),
    )


@pytest.fixture
def makers(tiny_policy: Path) -> dict[str, MakeSeat]:
    """Return what makes the seats of a player of each kind."""
    players: dict[str, Player] = {
        "expert": ExpertPlayer(kind="expert", skill=1.0),
        "policy": PolicyPlayer(kind="policy"),
        "endpoint": EndpointPlayer(kind="endpoint", endpoint="here"),
    }
    known = {"here": endpoint()}
    return {
        kind: seat_for(player, "base", COMPUTE, known, temperature=0.0)
        for kind, player in players.items()
    }


def test_a_player_of_each_kind_gets_its_seat(
    makers: dict[str, MakeSeat], instance: Instance
) -> None:
    """What is costly is loaded once; an expert is made for each episode."""
    kinds = {"expert": ExpertSeat, "policy": PolicySeat, "endpoint": EndpointSeat}
    for kind, make in makers.items():
        one, other = make(instance, ROLE, 0), make(instance, ROLE, 1)
        assert type(one) is kinds[kind]
        assert (one is other) == (kind != "expert")
        assert one.backends == other.backends


def test_a_policy_that_is_not_there_is_one_sentence(project: Path) -> None:
    """The folder is named; whoever needs no policy does not miss it."""
    expert = ExpertPlayer(kind="expert", skill=0.5)
    seat_for(expert, "sft/none/0", COMPUTE, {}, temperature=0.0)
    with pytest.raises(ArtifactError, match="data/sft/none/0 is missing: run"):
        policy = PolicyPlayer(kind="policy")
        seat_for(policy, "sft/none/0", COMPUTE, {}, temperature=0.0)
