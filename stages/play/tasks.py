"""What a lineup plays: which instances, in which roles, how often."""

from collections.abc import Sequence
from dataclasses import dataclass

from games.contract import Instance
from games.registry import GAMES
from games.session import Turn
from pipeline.params.sections.play import Lineup
from stages.common.seeds import derive_seed
from stages.engines.backend import Backend
from stages.playing.seats import MakeSeat, Question, Seat
from stages.playing.side import Side
from stages.playing.table import Table, make_table

Named = tuple[str, MakeSeat]
"""A player's name in the episodes, and what makes its seats."""


@dataclass(frozen=True)
class Task:
    """One episode to play: an instance, the policy's role in it, and which sample."""

    instance: Instance
    role: str | None
    """None: the policy fills every role."""
    sample: int


@dataclass(frozen=True)
class BoundedSeat(Seat):
    """A seat that says nothing more, once its chat is as long as it may be.

    A policy that never ends a game goes on until its model's context is full, which
    takes hours on a CPU and tells nothing new; an empty reply breaks any game's format.
    """

    seat: Seat
    most: int
    """Tokens of its chat, from which on it is silent."""

    @property
    def backends(self) -> tuple[Backend, ...]:
        """Those of the seat."""
        return self.seat.backends

    def move(self, side: Side) -> Question | None:
        """Move as the seat does, or say nothing."""
        if len(side.stream.ids) < self.most:
            return self.seat.move(side)
        side.session.reply("")
        return None

    def repeat(self, side: Side, turn: Turn) -> None:
        """Repeat as the seat does."""
        self.seat.repeat(side, turn)


def list_tasks(instances: Sequence[Instance], lineup: Lineup) -> list[Task]:
    """List the episodes of a lineup.

    Beside a partner the policy fills each role in turn. A game of one role has no
    partner: it is left out there.
    """
    roles = {game: GAMES[game].spec.roles for game in {one.game for one in instances}}
    return [
        Task(instance, role, sample)
        for instance in instances
        for role in (roles[instance.game] if lineup.partner else (None,))
        if role is None or len(roles[instance.game]) > 1
        for sample in range(lineup.samples)
    ]


def make_tables(
    seed: int,
    tasks: Sequence[Task],
    policy: Named,
    partner: Named,
    *,
    max_reply_tokens: int | None = None,
    max_chat_tokens: int | None = None,
) -> list[Table]:
    """Make one table for each task.

    Args:
        seed: of all evaluation.
        tasks: what is played.
        policy: who is evaluated, with its name in the episodes.
        partner: who fills the roles that the policy does not.
        max_reply_tokens: where a reply is cut off; None: at the limit of the game.
        max_chat_tokens: of one role, from which on it is silent; None: the model's.
    """
    tables = []
    for task in tasks:
        instance, game = task.instance, GAMES[task.instance.game]
        key = [instance.game, instance.instance_id]
        if task.role or task.sample:
            key += [task.role or "", str(task.sample)]
        own = derive_seed(seed, "play", *key)
        seats: dict[str, Seat] = {}
        names: dict[str, str] = {}
        for role in game.spec.roles:
            name, seat = policy if task.role in (None, role) else partner
            names[role] = name
            of_role = own if task.role is None else derive_seed(own, role)
            seats[role] = seat(instance, role, of_role)
            if max_chat_tokens is not None:
                seats[role] = BoundedSeat(seats[role], max_chat_tokens)
        tables.append(
            make_table(
                game,
                instance,
                seats,
                names,
                sample=task.sample,
                seed=own,
                max_reply_tokens=max_reply_tokens,
            )
        )
    return tables


def take_first(instances: Sequence[Instance], most: int | None) -> list[Instance]:
    """Take at most so many instances of each game, spread over its variants."""
    if most is None:
        return list(instances)
    chosen = []
    for game in dict.fromkeys(i.game for i in instances):
        own = [i for i in instances if i.game == game]
        chosen += own[:: max(1, len(own) // most)][:most]
    return chosen
