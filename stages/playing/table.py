"""One loop, many episodes: whoever is ready is batched, a finished one is replaced.

Scripted players answer at once; seats of a policy wait for their backend's next reply.
The loop is deterministic with backends that are: the same tables in the same order give
the same episodes.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from games.contract import Game, Instance, Kind, Message, Player
from games.session import Session
from stages.common.chat import ChatTemplate
from stages.common.seeds import derive_seed
from stages.engines.backend import Backend, Reply, Request


@dataclass(frozen=True)
class PolicySeat:
    """A role filled by a policy; several seats may share one backend."""

    backend: Backend
    chat: ChatTemplate | None
    """None where the backend takes texts: an endpoint."""


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
    starts: list[int] = field(default_factory=list)
    """Where each reply begins."""

    def see(self, ids: list[int]) -> None:
        """Append ids that were not sampled."""
        self.ids += ids
        self.mask += [0] * len(ids)
        self.logprobs += [0.0] * len(ids)

    def say(self, reply: Reply) -> None:
        """Append a reply as it was sampled."""
        self.starts.append(len(self.ids))
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
        seed = derive_seed(self.session.seed, role, len(self.session.turns))
        most = self.game.spec.max_reply_tokens
        ids = [] if seat.chat is None else self._ids(role, seat.chat, messages)
        return Request((id(self), role), ids, seed, most, messages)

    def _ids(
        self, role: str, chat: ChatTemplate, messages: Sequence[Message]
    ) -> list[int]:
        """Return the role's stream with what it sees now; an aside leaves no trace."""
        if role not in self.streams:
            prompt = chat.prompt(messages)
            if self.session.master.kind is Kind.ASIDE:
                return prompt
            self.streams[role] = Stream([], [], [], len(prompt))
            self.streams[role].see(prompt)
            return list(prompt)
        stream, new = self.streams[role], chat.extend(messages[-1]["content"])
        if self.session.master.kind is not Kind.ASIDE:
            stream.see(new)
            return list(stream.ids)
        return stream.ids + new

    def take(self, reply: Reply) -> None:
        """Give the sampled reply to the session, and keep its ids as sampled."""
        seat, role = self.seats[self.session.role], self.session.role
        if seat.chat is None:
            self.session.reply(reply.text or "")
            return
        if self.session.master.kind is not Kind.ASIDE:
            self.streams[role].say(reply)
            if not reply.ids or reply.ids[-1] != seat.chat.end_of_turn:
                self.streams[role].see([seat.chat.end_of_turn])
        self.session.reply(seat.chat.decode(reply.ids), reply.ids, reply.logprobs)

    def leave(self) -> None:
        """Free the caches of the finished episode."""
        for role, seat in self.seats.items():
            if isinstance(seat, PolicySeat):
                seat.backend.forget((id(self), role))


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

    At most `batch_size` episodes are in flight: whoever has to move is handed to its
    backend at once, and a finished episode's place is taken by the next.

    Raises:
        StudyError: a backend cannot go on.
    """
    coming, waiting = iter(tables), _Waiting()
    live = 0
    while True:
        for table in islice(coming, batch_size - live):
            live += 1
            if waiting.put(table):
                live -= 1
                yield table
                break  # its place is free again
        else:
            if not live:
                return
            for table in waiting.collect():
                if waiting.put(table):
                    live -= 1
                    yield table


class _Waiting:
    """The tables that wait for a reply, by the backend that is to give it."""

    def __init__(self) -> None:
        self._tables: dict[int, dict[Hashable, Table]] = {}
        self._backends: dict[int, Backend] = {}

    def put(self, table: Table) -> bool:
        """Advance a table up to its next request; return whether it has finished."""
        seat = table.advance()
        if seat is None:
            table.leave()
            return True
        request, key = table.request(), id(seat.backend)
        self._backends[key] = seat.backend
        self._tables.setdefault(key, {})[request.session] = table
        seat.backend.submit(request)
        return False

    def collect(self) -> list[Table]:
        """Wait for replies, give them to their tables, and return these.

        Whoever can go on by itself is asked first, then who has most to do.
        """
        busy = [key for key, tables in self._tables.items() if tables]
        key = max(busy, key=lambda k: (self._backends[k].ready, len(self._tables[k])))
        answered = []
        for session, reply in self._backends[key].collect():
            table = self._tables[key].pop(session)
            table.take(reply)
            answered.append(table)
        return answered
