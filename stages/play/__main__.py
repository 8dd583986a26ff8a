"""Play the test instances with one policy: `python -m stages.play --policy base`."""

import argparse
import math
from collections.abc import Sequence

from games.contract import Instance
from games.registry import GAMES
from games.scoring import Scores, score_episodes
from games.session import Episode
from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.play import Play
from pipeline.params.sections.players import PolicyPlayer
from pipeline.params.sections.study import Compute, Games
from stages.common.cli import run
from stages.common.cost import locate_cost
from stages.common.episodes import read_episodes
from stages.common.files import DATA, write_json
from stages.common.games import confirm_code
from stages.common.instances import locate_instances, read_instances
from stages.common.keys import derive_scratch_key
from stages.common.seeds import derive_seed
from stages.playing.seats import MakeSeat, seat_for
from stages.playing.shards import Meter, Shards, play_in_shards
from stages.playing.table import Table, make_table


class PlayParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    compute: Compute
    games: Games
    play: Play


def make_tables(
    params: PlayParams,
    instances: Sequence[Instance],
    make_seat: MakeSeat,
    policy_id: str,
) -> list[Table]:
    """Make one table for each instance, with the policy in every role."""
    tables = []
    for instance in instances:
        game = GAMES[instance.game]
        seed = derive_seed(params.seed, "play", instance.game, instance.instance_id)
        seats = {role: make_seat(instance, role, seed) for role in game.spec.roles}
        names = dict.fromkeys(game.spec.roles, policy_id)
        tables.append(make_table(game, instance, seats, names, sample=0, seed=seed))
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


def score(episodes: Sequence[Episode], games: Sequence[str]) -> dict[str, object]:
    """Score the episodes of some games; an undefined score is None."""
    own = [(e.game, e.outcome, e.main_score) for e in episodes if e.game in games]
    scores: Scores = score_episodes(own)
    result: dict[str, object] = {
        name: _replace_nan(value)
        for name, value in vars(scores).items()
        if isinstance(value, float)
    }
    result["games"] = {
        game: {name: _replace_nan(v) for name, v in vars(of_game).items()}
        for game, of_game in scores.per_game.items()
    }
    return result


def _replace_nan(value: float) -> float | None:
    return None if math.isnan(value) else value


def play_all(
    params: PlayParams, instances: Sequence[Instance], policy_id: str
) -> Shards:
    """Play every instance once; finished shards of an earlier run are kept."""
    settings = params.play
    make_seat = seat_for(
        PolicyPlayer(kind="policy"),
        policy_id,
        params.compute,
        {},
        temperature=settings.temperature,
    )

    def play_jobs(part: Sequence[Instance], meter: Meter) -> list[Episode]:
        tables = make_tables(params, part, make_seat, policy_id)
        meter.play(tables)
        return [table.session.episode() for table in tables]

    return play_in_shards(
        f"play/{policy_id}",
        derive_scratch_key("play", {"policy": policy_id}, also=settings.shard_size),
        instances,
        play_jobs,
        shard_size=settings.shard_size,
        batch_size=settings.batch_size,
    )


def main() -> None:
    """Play, score and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", required=True, help="folder under data/")
    policy_id = parser.parse_args().policy
    params = load_part(PlayParams)
    held_in, held_out = params.games.held_in, params.games.held_out
    confirm_code("held_in", held_in)
    confirm_code("held_out", held_out)
    instances = read_instances(locate_instances("test"), games=held_in)
    if held_out:
        instances += read_instances(locate_instances("held_out"), games=held_out)
    instances = take_first(instances, params.play.instances)
    shards = play_all(params, instances, policy_id)
    folder = DATA / "play" / policy_id
    shards.join(folder / "episodes.parquet")
    episodes = read_episodes(folder / "episodes.parquet")
    scores = {
        "held_in": score(episodes, held_in),
        "held_out": score(episodes, held_out),
    }
    write_json(folder / "scores.json", scores)
    shards.cost.write(locate_cost(f"play/{policy_id}"))
    shards.discard()
    clemscore = scores["held_in"]["clemscore"]
    print(f"{policy_id}: clemscore {clemscore} on unseen instances")


if __name__ == "__main__":
    run(main)
