"""One loop, many episodes: whoever is ready is batched, a finished one is replaced.

Scripted players answer at once; seats of a policy wait until their engine's next batch.
The loop is deterministic: the same tables in the same order give the same episodes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from games.contract import Game, Instance, Player
from games.session import Session
from stages.common.chat import ChatTemplate
from stages.common.seeds import derive_seed
from stages.selfplay.engine import Engine, Reply, Request


@dataclass(frozen=True)
class PolicySeat:
    """A role filled by a policy; several seats may share one engine."""

    engine: Engine
    chat: ChatTemplate


Seat = Player | PolicySeat
"""What fills a role: a scripted player or a policy."""


@dataclass
class Stream:
    """All that one policy seat has seen and said, in ids as they were sampled."""

    ids: list[int]
    mask: list[int]
    """1 on sampled ids, 0 on everything else."""
    logprobs: list[float]
    """Of sampled ids; 0.0 elsewhere."""
    prompt_length: int
    """How many ids came before the first reply."""

    def see(self, ids: list[int]) -> None:
        """Append ids that were not sampled."""
        self.ids += ids
        self.mask += [0] * len(ids)
        self.logprobs += [0.0] * len(ids)

    def say(self, reply: Reply) -> None:
        """Append a reply as it was sampled."""
        self.ids += reply.ids
        self.mask += [1] * len(reply.ids)
        self.logprobs += reply.logprobs


@dataclass
class Table:
    """One episode in flight: its session, who sits where, and every seat's ids."""

    game: Game
    session: Session
    seats: Mapping[str, Seat]
    streams: dict[str, Stream] = field(default_factory=dict)
    """Of each role that a policy has played."""

    def advance(self) -> PolicySeat | None:
        """Let scripted players move; return the policy seat to move, if any."""
        while (role := self.session.role) is not None:
            seat = self.seats[role]
            if isinstance(seat, PolicySeat):
                return seat
            self.session.reply(seat(self.session.messages()))
        return None

    def request(self) -> Request:
        """Return the reply that the policy seat to move has to sample."""
        role = self.session.role
        seat, messages = self.seats[role], self.session.messages()
        if role in self.streams:
            self.streams[role].see(seat.chat.extend(messages[-1]["content"]))
        else:
            prompt = seat.chat.prompt(messages)
            self.streams[role] = Stream([], [], [], len(prompt))
            self.streams[role].see(prompt)
        seed = derive_seed(self.session.seed, role, len(self.session.turns))
        return Request((id(self), role), list(self.streams[role].ids), seed)

    def take(self, reply: Reply) -> None:
        """Give the sampled reply to the session, and keep its ids as sampled."""
        seat, role = self.seats[self.session.role], self.session.role
        self.streams[role].say(reply)
        if not reply.ids or reply.ids[-1] != seat.chat.end_of_turn:
            self.streams[role].see([seat.chat.end_of_turn])
        self.session.reply(seat.chat.decode(reply.ids), reply.ids, reply.logprobs)

    def leave(self) -> None:
        """Free the caches of the finished episode."""
        for role, seat in self.seats.items():
            if isinstance(seat, PolicySeat):
                seat.engine.forget((id(self), role))


def new_table(
    game: Game,
    instance: Instance,
    seats: Mapping[str, Seat],
    names: Mapping[str, str],
    *,
    sample: int,
    seed: int,
) -> Table:
    """Return a table at which one episode can be played."""
    return Table(game, Session(game, instance, names, sample=sample, seed=seed), seats)


def play(tables: Iterable[Table], batch_size: int) -> Iterator[Table]:
    """Play every table to its end; yield each as it finishes.

    At most `batch_size` episodes are in flight. Each batch takes the seats of one
    engine, game and role that most episodes wait for: their prompts share the longest
    prefix, and their replies are about equally long.
    """
    waiting, live = iter(tables), []
    while live := live + list(islice(waiting, batch_size - len(live))):
        groups: dict[tuple, list[Table]] = {}
        still = []
        for table in live:
            if (seat := table.advance()) is None:
                table.leave()
                yield table
            else:
                still.append(table)
                key = (id(seat.engine), table.session.instance.game, table.session.role)
                groups.setdefault(key, []).append(table)
        live = still
        if groups:
            _reply(max(groups.values(), key=len))


def _reply(group: list[Table]) -> None:
    """Sample one reply for every table of the group, in one batch."""
    table = group[0]
    seat = table.seats[table.session.role]
    replies = seat.engine.sample(
        [table.request() for table in group], table.game.spec.max_reply_tokens
    )
    for table, reply in zip(group, replies, strict=True):
        table.take(reply)
