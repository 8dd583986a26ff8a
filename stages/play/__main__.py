"""Play the test instances with one policy: `python -m stages.play --policy base`."""

import argparse
import math
from collections.abc import Sequence

from games.contract import Instance
from games.registry import GAMES
from games.scoring import Scores, score_episodes
from games.session import Episode
from pipeline.params.read import load_params
from pipeline.params.sections import Params
from stages.common.cli import run
from stages.common.cost import Cost, cost_file
from stages.common.episodes import write_episodes
from stages.common.files import DATA, SCRATCH, write_json
from stages.common.games import confirm_code
from stages.common.instances import instances_file, read_instances
from stages.common.keys import scratch_key
from stages.common.policy import policy_folder
from stages.common.progress import Progress
from stages.common.seeds import derive_seed
from stages.playing.seats import policy_seat
from stages.playing.shards import Shards, played
from stages.playing.table import PolicySeat, Table, new_table


def tables(
    params: Params, instances: Sequence[Instance], seat: PolicySeat, policy: str
) -> list[Table]:
    """Return one episode for each instance, the policy in every role."""
    result = []
    for instance in instances:
        game = GAMES[instance.game]
        seats = dict.fromkeys(game.spec.roles, seat)
        names = dict.fromkeys(game.spec.roles, policy)
        seed = derive_seed(params.seed, "play", instance.game, instance.instance_id)
        result.append(new_table(game, instance, seats, names, sample=0, seed=seed))
    return result


def first_of_each(instances: Sequence[Instance], most: int | None) -> list[Instance]:
    """Return at most so many instances a game, spread over its variants."""
    if most is None:
        return list(instances)
    chosen = []
    for game in dict.fromkeys(i.game for i in instances):
        own = [i for i in instances if i.game == game]
        chosen += own[:: max(1, len(own) // most)][:most]
    return chosen


def scores_of(episodes: Sequence[Episode], games: Sequence[str]) -> dict[str, object]:
    """Return the scores of some games' episodes; undefined ones as None."""
    own = [(e.game, e.outcome, e.main_score) for e in episodes if e.game in games]
    scores: Scores = score_episodes(own)
    result = {
        name: _defined(value)
        for name, value in vars(scores).items()
        if isinstance(value, float)
    }
    result["games"] = {
        game: {name: _defined(v) for name, v in vars(of_game).items()}
        for game, of_game in scores.per_game.items()
    }
    return result


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def play_all(
    params: Params, instances: Sequence[Instance], policy_id: str
) -> tuple[list[Episode], Cost]:
    """Play every instance once; finished shards of an earlier run are kept."""
    settings, size = params.play, params.play.shard_size
    shards = [instances[i : i + size] for i in range(0, len(instances), size)]
    folder = policy_folder(policy_id)
    key = scratch_key("play", {"policy": policy_id}, also=size)
    kept = Shards(SCRATCH / "play" / policy_id / key, len(shards))
    if kept.done:
        print(f"resuming play: {kept.done} of {len(shards)} shards are done")
    seat = policy_seat(folder, params.compute, temperature=settings.temperature)
    engine, done = seat.backend, kept.done * size
    with Progress(f"play {policy_id}", len(instances), done=done) as progress:

        def make(index: int) -> tuple[list[Episode], Cost]:
            engine.reset()  # a shard depends on nothing that was played before
            todo = tables(params, shards[index], seat, policy_id)
            show = progress.over([engine])
            return played(todo, settings.batch_size, [engine], show)

        return kept.collect(make)


def main() -> None:
    """Play, score and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", required=True, help="folder under data/")
    policy_id = parser.parse_args().policy
    params = load_params()
    held_in, held_out = params.games.held_in, params.games.held_out
    confirm_code("held_in", held_in)
    confirm_code("held_out", held_out)
    instances = read_instances(instances_file("test"), games=held_in)
    instances += read_instances(instances_file("held_out"), games=held_out)
    instances = first_of_each(instances, params.play.instances)
    episodes, cost = play_all(params, instances, policy_id)
    folder = DATA / "play" / policy_id
    write_episodes(folder / "episodes.parquet", episodes)
    scores = {
        "held_in": scores_of(episodes, held_in),
        "held_out": scores_of(episodes, held_out),
    }
    write_json(folder / "scores.json", scores)
    cost.write(cost_file(f"play/{policy_id}"))
    print(
        f"{policy_id}: clemscore {scores['held_in']['clemscore']} on unseen instances"
    )


if __name__ == "__main__":
    run(main)
