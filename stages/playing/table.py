"""One loop, many episodes: whoever has to move next is asked together with others.

Many episodes are in flight. An expert replies at once; the reply of a policy or of an
endpoint is asked of its backend, together with those that other episodes wait for. When
an episode has ended, the next one takes its place. With backends that are deterministic
the loop is, too: the same tables in the same order give the same episodes.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from games.contract import Game, Instance
from games.session import Session
from stages.engines.backend import Backend
from stages.playing.seats import Question, Seat
from stages.playing.side import Side, Stream


@dataclass
class Table:
    """One episode in flight: its session, who sits where, and every role's side."""

    game: Game
    session: Session
    seats: Mapping[str, Seat]
    """Who fills each role."""
    max_reply_tokens: int | None = None
    """Where a reply is cut off; None: at the limit of the game."""
    sides: dict[str, Side] = field(init=False)
    """What each role has of the episode."""

    def __post_init__(self) -> None:
        spec = self.game.spec
        most = self.max_reply_tokens or spec.max_reply_tokens
        self.sides = {role: Side(self.session, role, most) for role in spec.roles}

    @property
    def streams(self) -> dict[str, Stream]:
        """The ids of each role in which a policy has seen something so far."""
        return {role: s.stream for role, s in self.sides.items() if s.stream.ids}

    def advance(self) -> Question | None:
        """Go on until a reply has to be sampled; return it, or None at the end."""
        while (role := self.session.role) is not None:
            question = self.seats[role].move(self.sides[role])
            if question is not None:
                return question
        return None

    def leave(self) -> None:
        """Let backends drop what they keep of the finished episode."""
        for role, seat in self.seats.items():
            for backend in seat.backends:
                backend.forget(self.sides[role].key)


def make_table(
    game: Game,
    instance: Instance,
    seats: Mapping[str, Seat],
    names: Mapping[str, str],
    *,
    sample: int,
    seed: int,
    max_reply_tokens: int | None = None,
) -> Table:
    """Make a table at which one episode can be played.

    Args:
        game: what is played.
        instance: where it starts.
        seats: who fills each role.
        names: of the players, by role, as the episode will tell them.
        sample: which repetition of the same instance and players it is.
        seed: of every reply in it.
        max_reply_tokens: where a reply is cut off; None: at the limit of the game.
    """
    session = Session(game, instance, names, sample=sample, seed=seed)
    return Table(game, session, seats, max_reply_tokens)


def find_backends(tables: Iterable[Table]) -> list[Backend]:
    """List the backends that some tables' seats use, each once."""
    seats = (seat for table in tables for seat in table.seats.values())
    found = {id(backend): backend for seat in seats for backend in seat.backends}
    return list(found.values())


def play(tables: Iterable[Table], batch_size: int) -> Iterator[Table]:
    """Play every table to its end; yield each as it ends.

    At most `batch_size` episodes are in flight: what has to be sampled is handed to its
    backend at once, and the place of an ended episode is taken by the next.

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
        self._asked: dict[int, dict[Hashable, tuple[Table, Question]]] = {}
        self._backends: dict[int, Backend] = {}

    def put(self, table: Table) -> bool:
        """Advance a table to its next question, and ask it; tell if it has ended."""
        question = table.advance()
        if question is None:
            table.leave()
            return True
        backend, request = question.backend, question.request
        self._backends[id(backend)] = backend
        asked = self._asked.setdefault(id(backend), {})
        asked[request.session] = table, question
        backend.submit(request)
        return False

    def collect(self) -> Sequence[Table]:
        """Wait for replies, give them to their tables, and return these tables.

        Whoever can go on by itself is asked first, then who has most to do.
        """
        busy = [key for key, asked in self._asked.items() if asked]
        key = max(busy, key=lambda k: (self._backends[k].ready, len(self._asked[k])))
        answered = []
        for session, reply in self._backends[key].collect():
            table, question = self._asked[key].pop(session)
            question.answer(reply)
            answered.append(table)
        return answered
