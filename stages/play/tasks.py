"""What a lineup plays: which instances, in which roles, how often."""

from collections.abc import Sequence
from dataclasses import dataclass

from games.contract import Instance
from games.registry import GAMES
from pipeline.params.sections.play import Lineup
from stages.common.seeds import derive_seed
from stages.playing.seats import MakeSeat
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
) -> list[Table]:
    """Make one table for each task.

    Args:
        seed: of all evaluation.
        tasks: what is played.
        policy: who is evaluated, with its name in the episodes.
        partner: who fills the roles that the policy does not.
        max_reply_tokens: where a reply is cut off; None: at the limit of the game.
    """
    tables = []
    for task in tasks:
        instance, game = task.instance, GAMES[task.instance.game]
        key = [instance.game, instance.instance_id]
        if task.role or task.sample:
            key += [task.role or "", str(task.sample)]
        own = derive_seed(seed, "play", *key)
        seats, names = {}, {}
        for role in game.spec.roles:
            name, seat = policy if task.role in (None, role) else partner
            names[role] = name
            of_role = own if task.role is None else derive_seed(own, role)
            seats[role] = seat(instance, role, of_role)
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
