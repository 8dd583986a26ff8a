"""Branches: from any turn of an episode, other continuations, played in one batch.

A fork takes up an episode at a turn: the same replies until then, ids and all, and
another seed from there on. The engine shares what forks have in common. Forks of one
turn that end differently are on-policy preference pairs of that turn (the stage
`preferences` finds them by their common history), and the reward of each, less the mean
of all, is the advantage of the one reply in which they differ first (`stages.grpo`).
"""

import random
from collections.abc import Collection, Mapping, Sequence

from games.contract import Kind
from games.session import Session
from stages.common.seeds import derive_seed
from stages.engines.backend import Reply
from stages.playing.table import PolicySeat, Seat, Table


def fork(table: Table, seats: Mapping[str, Seat], turn: int, *, seed: int) -> Table:
    """Return an episode that goes as `table` went up to a turn, and on by itself.

    Args:
        table: an episode, finished or not.
        seats: who goes on; scripted players see again what they saw.
        turn: the index in its turns of the first reply that is made anew.
        seed: of all that comes from there on.
    """
    past = table.session
    session = Session(
        table.game,
        past.instance,
        past.players,
        sample=past.sample,
        seed=seed,
        branch=turn,
    )
    forked = Table(table.game, session, seats)
    for one in past.turns[len(session.turns) : turn]:
        seat = seats[session.role]
        if isinstance(seat, PolicySeat):
            forked.request()
            text = one.reply if seat.chat is None else None
            forked.take(Reply(one.token_ids, one.logprobs, text))
        else:
            seat(session.messages())
            session.reply(one.reply)
    return forked


def branch_turns(
    table: Table, roles: Collection[str], num: int, *, seed: int
) -> list[int]:
    """Return at most `num` turns that these roles took, drawn by the seed, in order."""
    taken = [
        place
        for place, turn in enumerate(table.session.turns)
        if turn.role in roles and turn.kind == Kind.SAID
    ]
    rng = random.Random(derive_seed(seed, "branch"))
    return sorted(rng.sample(taken, min(num, len(taken))))


def fork_seeds(table: Table, turn: int, num: int) -> Sequence[int]:
    """Return a seed for each continuation of a turn."""
    return [derive_seed(table.session.seed, "fork", turn, n) for n in range(num)]
