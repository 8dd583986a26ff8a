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
from stages.playing.seats import Seat
from stages.playing.table import Table


def fork(table: Table, seats: Mapping[str, Seat], turn: int, *, seed: int) -> Table:
    """Begin an episode that goes as `table` went up to a turn, and on by itself.

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
    forked = Table(table.game, session, seats, table.max_reply_tokens)
    # A session begins with the given turns. Repeating the others in order leaves every
    # chat, stream and scripted player as it was before `turn`; and as a request's seed
    # is made from the session's seed, what follows is drawn anew.
    for one in past.turns[len(session.turns) : turn]:
        seats[one.role].repeat(forked.sides[one.role], one)
    return forked


def draw_branch_turns(
    table: Table, roles: Collection[str], num: int, *, seed: int
) -> list[int]:
    """Draw at most `num` turns that these roles took, by the seed; in order."""
    taken = [
        place
        for place, turn in enumerate(table.session.turns)
        if turn.role in roles and turn.kind == Kind.SAID
    ]
    rng = random.Random(derive_seed(seed, "branch"))
    return sorted(rng.sample(taken, min(num, len(taken))))


def derive_fork_seeds(table: Table, turn: int, num: int) -> Sequence[int]:
    """Derive a seed for each continuation of a turn."""
    return [derive_seed(table.session.seed, "fork", turn, n) for n in range(num)]
