"""Self-play as params.yaml describes it: pairings x instances x samples, in shards."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from games.contract import Instance
from games.registry import GAMES
from games.session import Episode
from pipeline.params.sections import Branching, Params
from stages.common.cost import Cost
from stages.common.files import SCRATCH
from stages.common.games import confirm_code
from stages.common.instances import instances_file, read_instances
from stages.common.keys import scratch_key
from stages.common.policy import policy_folder
from stages.common.progress import Progress
from stages.common.seeds import derive_seed
from stages.engines.backend import Backend
from stages.engines.endpoint.backend import EndpointBackend
from stages.playing.branching import branch_turns, fork, fork_seeds
from stages.playing.redraw import broken_by_partner, draw_again
from stages.playing.seats import policy_seat
from stages.playing.shards import Shards, played
from stages.playing.table import PolicySeat, Seat, Table, new_table


@dataclass(frozen=True)
class Job:
    """One episode to play."""

    instance: Instance
    players: tuple[str, ...]
    """A player's name for each role, in the game's order."""
    sample: int


def plan(params: Params, instances: Sequence[Instance]) -> list[Job]:
    """Return every episode to play; those of one pairing and game stand together."""
    return [
        Job(instance, tuple(pairing.players), sample)
        for pairing in params.selfplay.pairings
        for instance in instances
        for sample in range(pairing.samples)
    ]


def collect(params: Params) -> tuple[list[Episode], Cost]:
    """Play all episodes of the stage; finished shards of an earlier run are kept."""
    settings = params.selfplay
    confirm_code("held_in", params.games.held_in)
    instances = read_instances(instances_file("train"), games=params.games.held_in)
    jobs, size = plan(params, instances), settings.shard_size
    shards = [jobs[i : i + size] for i in range(0, len(jobs), size)]
    key = scratch_key("selfplay", also=size)
    kept = Shards(SCRATCH / "selfplay" / key, len(shards))
    if kept.done:
        print(f"resuming self-play: {kept.done} of {len(shards)} shards are done")
    players = _Players(params)
    with Progress("selfplay", len(jobs), done=kept.done * size) as progress:
        return kept.collect(
            lambda index: _play_shard(params, players, shards[index], progress)
        )


class _Players:
    """Makes the seats of an episode; what plays is loaded when it is first needed."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self.backends: list[Backend] = []
        self._learner = cache(self._load_learner)
        self._endpoint = cache(self._connect)

    def _load_learner(self) -> PolicySeat:
        settings = self._params.selfplay
        folder, compute = policy_folder(settings.learner), self._params.compute
        seat = policy_seat(folder, compute, temperature=settings.temperature)
        self.backends.append(seat.backend)
        return seat

    def _connect(self, name: str) -> PolicySeat:
        backend = EndpointBackend(name, self._params.endpoints[name])
        self.backends.append(backend)
        return PolicySeat(backend, None)

    def learners(self, job: Job) -> list[str]:
        """Return the roles that the learner fills in an episode."""
        roles = GAMES[job.instance.game].spec.roles
        kinds = self._params.selfplay.players
        return [
            role
            for role, name in zip(roles, job.players, strict=False)
            if kinds[name].kind == "policy"
        ]

    def seats(self, job: Job, seed: int) -> Mapping[str, Seat]:
        """Return who sits where in an episode."""
        game, seats = GAMES[job.instance.game], {}
        for role, name in zip(game.spec.roles, job.players, strict=False):
            player = self._params.selfplay.players[name]
            if player.kind == "policy":
                seats[role] = self._learner()
            elif player.kind == "endpoint":
                seats[role] = self._endpoint(player.endpoint)
            else:
                rng = random.Random(derive_seed(seed, role))
                seats[role] = game.expert(job.instance, role, player.skill, rng)
        return seats


def _play_shard(
    params: Params, players: _Players, jobs: Sequence[Job], progress: Progress
) -> tuple[list[Episode], Cost]:
    """Play one shard's episodes, then their branches; each in the order of its jobs.

    What somebody else than the learner broke is drawn again.
    """
    settings, backends = params.selfplay, players.backends
    for backend in backends:
        backend.reset()  # a shard depends on nothing that was played before
    show, costs = progress.over(backends), []

    def play_draw(places: Sequence[int], draw: int) -> list[Table]:
        tables = [_table(params, players, jobs[place], draw) for place in places]
        shown = (lambda _: None) if draw else show
        costs.append(played(tables, settings.batch_size, backends, shown)[1])
        return tables

    tables = draw_again(
        range(len(jobs)),
        play_draw,
        lambda place, table: broken_by_partner(table, players.learners(jobs[place])),
    )
    forks = [
        forked
        for table, job in zip(tables, jobs, strict=True)
        for forked in _forks(table, job, players, settings.branching)
    ]
    continued, cost = played(forks, settings.batch_size, backends, lambda _: None)
    episodes = [table.session.episode() for table in tables]
    return episodes + continued, sum(costs, cost)


def _forks(
    table: Table, job: Job, players: _Players, branching: Branching
) -> Iterator[Table]:
    """Yield the continuations of an episode's branches."""
    policies = [
        role
        for role, seat in table.seats.items()
        if isinstance(seat, PolicySeat) and seat.chat is not None  # an endpoint costs
    ]
    seed = table.session.seed
    for turn in branch_turns(table, policies, branching.turns, seed=seed):
        for other in fork_seeds(table, turn, branching.continuations):
            yield fork(table, players.seats(job, seed), turn, seed=other)


def _table(params: Params, players: _Players, job: Job, draw: int) -> Table:
    game = GAMES[job.instance.game]
    names = dict(zip(game.spec.roles, job.players, strict=False))
    seed = derive_seed(
        params.seed,
        "selfplay",
        game.spec.name,
        job.instance.instance_id,
        *job.players,
        job.sample,
        draw,
    )
    seats = players.seats(job, seed)
    return new_table(game, job.instance, seats, names, sample=job.sample, seed=seed)
