"""Self-play as params.yaml describes it: pairings x instances x samples, in shards."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from games.contract import Instance
from games.registry import GAMES
from games.session import Episode
from pipeline.params.schema import Name, Section, Whole
from pipeline.params.sections.players import Endpoint, Player
from pipeline.params.sections.selfplay import Selfplay
from pipeline.params.sections.study import Compute, Games
from stages.common.games import confirm_code
from stages.common.instances import locate_instances, read_instances
from stages.common.keys import derive_scratch_key
from stages.common.seeds import derive_seed
from stages.playing.branching import derive_fork_seeds, draw_branch_turns, fork
from stages.playing.redraw import draw_again, is_broken_by_partner
from stages.playing.seats import MakeSeat, Seat, seat_for
from stages.playing.shards import Meter, Shards, play_in_shards
from stages.playing.table import Table, make_table


class SelfplayParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    compute: Compute
    games: Games
    endpoints: dict[Name, Endpoint]
    selfplay: Selfplay


@dataclass(frozen=True)
class Job:
    """One episode to play."""

    instance: Instance
    players: tuple[str, ...]
    """A player's name for each role, in the game's order."""
    sample: int

    @property
    def names(self) -> dict[str, str]:
        """The player's name in each role; a game may have fewer roles than players."""
        roles = GAMES[self.instance.game].spec.roles
        return dict(zip(roles, self.players, strict=False))


def plan(params: SelfplayParams, instances: Sequence[Instance]) -> list[Job]:
    """List every episode to play; those of one pairing and game stand together."""
    return [
        Job(instance, tuple(pairing.players), sample)
        for pairing in params.selfplay.pairings
        for instance in instances
        for sample in range(pairing.samples)
    ]


def collect(params: SelfplayParams) -> Shards:
    """Play all episodes of the stage; finished shards of an earlier run are kept.

    Raises:
        ArtifactError: what the stage reads is missing or damaged.
        StudyError: a backend cannot go on; the shards that are done stay.
    """
    settings = params.selfplay
    confirm_code("held_in", params.games.held_in)
    instances = read_instances(locate_instances("train"), games=params.games.held_in)
    jobs, collector = plan(params, instances), Collector(params)
    return play_in_shards(
        "selfplay",
        derive_scratch_key("selfplay", also=settings.shard_size),
        jobs,
        collector.play,
        shard_size=settings.shard_size,
        batch_size=settings.batch_size,
    )


class Collector:
    """Plays jobs; whoever plays is loaded when a seat of theirs is first needed."""

    def __init__(self, params: SelfplayParams) -> None:
        self._params, self._settings = params, params.selfplay
        # equal players share what is loaded, under whatever names they play
        self._seats_of: Callable[[Player], MakeSeat] = cache(self._load)

    def play(self, jobs: Sequence[Job], meter: Meter) -> list[Episode]:
        """Play one shard's episodes, then their branches; each in the order of jobs.

        What somebody else than the learner broke is drawn again.
        """

        def play_draw(places: Sequence[int], draw: int) -> list[Table]:
            tables = [self._make_table(jobs[place], draw) for place in places]
            meter.play(tables, shown=draw == 0)
            return tables

        def is_void(place: int, table: Table) -> bool:
            return is_broken_by_partner(table, self._find_learners(jobs[place]))

        tables = draw_again(range(len(jobs)), play_draw, is_void)
        forks = [
            forked
            for table, job in zip(tables, jobs, strict=True)
            for forked in self._fork(table, job)
        ]
        meter.play(forks, shown=False)
        return [table.session.episode() for table in tables + forks]

    def _load(self, player: Player) -> MakeSeat:
        settings, params = self._settings, self._params
        return seat_for(
            player,
            settings.learner,
            params.compute,
            params.endpoints,
            temperature=settings.temperature,
        )

    def _find_learners(self, job: Job) -> list[str]:
        """List the roles that the learner fills in an episode."""
        players = self._settings.players
        return [r for r, name in job.names.items() if players[name].kind == "policy"]

    def _seat(self, job: Job, seed: int) -> Mapping[str, Seat]:
        """Seat a job's players, each in its role."""
        players = self._settings.players
        return {
            role: self._seats_of(players[name])(
                job.instance, role, derive_seed(seed, role)
            )
            for role, name in job.names.items()
        }

    def _fork(self, table: Table, job: Job) -> Iterator[Table]:
        """Yield the continuations of an episode's branches.

        Only the learner's turns branch off: an endpoint's would cost.
        """
        branching, seed = self._settings.branching, table.session.seed
        roles = self._find_learners(job)
        for turn in draw_branch_turns(table, roles, branching.turns, seed=seed):
            for other in derive_fork_seeds(table, turn, branching.continuations):
                yield fork(table, self._seat(job, seed), turn, seed=other)

    def _make_table(self, job: Job, draw: int) -> Table:
        """Make the table of a job; each draw of it has its own seed."""
        game, instance = GAMES[job.instance.game], job.instance
        seed = derive_seed(
            self._params.seed,
            "selfplay",
            game.spec.name,
            instance.instance_id,
            *job.players,
            job.sample,
            draw,
        )
        seats = self._seat(job, seed)
        return make_table(
            game,
            instance,
            seats,
            job.names,
            sample=job.sample,
            seed=seed,
            max_reply_tokens=self._params.games.max_reply_tokens,
        )
