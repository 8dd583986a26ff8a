"""Play the test instances with one policy: `python -m stages.play --policy base`."""

import argparse
import math
from collections.abc import Sequence

from games.contract import Instance
from games.registry import GAMES
from games.scoring import Scores, score_episodes
from games.session import Episode
from pipeline.params import load_params
from pipeline.sections import Params
from stages.common.cli import run
from stages.common.episodes import write_episodes
from stages.common.files import DATA, write_json
from stages.common.games import confirm_code
from stages.common.instances import INSTANCES, read_instances
from stages.common.policy import load_policy, policy_folder
from stages.common.progress import Progress
from stages.common.seeds import derive_seed
from stages.selfplay.engine import Engine
from stages.selfplay.scheduler import PolicySeat, Table, new_table, play


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


def main() -> None:
    """Play, score and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", required=True, help="folder under data/")
    policy_id = parser.parse_args().policy
    params = load_params()
    held_in, held_out = params.games.held_in, params.games.held_out
    confirm_code([*held_in, *held_out])
    instances = read_instances(INSTANCES, split="test", games=[*held_in, *held_out])
    instances = first_of_each(instances, params.play.instances)
    policy = load_policy(policy_folder(policy_id), params.compute)
    engine = Engine(
        policy.model, policy.chat.end_of_turn, temperature=params.play.temperature
    )
    todo = tables(params, instances, PolicySeat(engine, policy.chat), policy_id)
    with Progress(f"play {policy_id}", len(todo)) as progress:
        for table in play(todo, params.play.batch_size):
            progress.update(table.session.episode(), engine)
    episodes = [table.session.episode() for table in todo]
    folder = DATA / "play" / policy_id
    write_episodes(folder / "episodes.parquet", episodes)
    scores = {
        "held_in": scores_of(episodes, held_in),
        "held_out": scores_of(episodes, held_out),
    }
    write_json(folder / "scores.json", scores)
    print(
        f"{policy_id}: clemscore {scores['held_in']['clemscore']} on unseen instances"
    )


if __name__ == "__main__":
    run(main)
