"""Play the test instances with one policy, in one lineup."""

import argparse
import math
from collections.abc import Sequence

from games.contract import Instance
from games.scoring import Scores, score_episodes
from games.session import Episode
from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.play import Play
from pipeline.params.sections.players import Player, PolicyPlayer
from pipeline.params.sections.study import Compute, Games
from stages.common.cli import run
from stages.common.cost import locate_cost
from stages.common.episodes import read_episodes
from stages.common.files import DATA, write_json
from stages.common.games import confirm_code
from stages.common.instances import read_unseen
from stages.common.keys import derive_scratch_key
from stages.play.tasks import Task, list_tasks, make_tables, take_first
from stages.playing.seats import MakeSeat, seat_for
from stages.playing.shards import Meter, Shards, play_in_shards


class PlayParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    compute: Compute
    games: Games
    play: Play


def score_seats(
    episodes: Sequence[Episode], policy_id: str
) -> dict[str, dict[str, object]]:
    """Score each role of each game, where the policy filled only that one."""
    seats: dict[str, dict[str, list[Episode]]] = {}
    for episode in episodes:
        filled = [r for r, name in episode.players.items() if name == policy_id]
        if len(filled) == 1 < len(episode.players):
            seats.setdefault(episode.game, {}).setdefault(filled[0], []).append(episode)
    return {
        game: {role: _score_game(own, game) for role, own in roles.items()}
        for game, roles in seats.items()
    }


def _score_game(episodes: Sequence[Episode], game: str) -> dict[str, float | None]:
    scores = score_episodes((e.game, e.outcome, e.main_score) for e in episodes)
    return {name: _replace_nan(v) for name, v in vars(scores.per_game[game]).items()}


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
    params: PlayParams, instances: Sequence[Instance], lineup: str, policy_id: str
) -> Shards:
    """Play all episodes of a lineup; finished shards of an earlier run are kept."""
    settings = params.play.variant(lineup)
    partner = settings.partner

    def load(player: Player) -> MakeSeat:
        temperature = settings.temperature
        return seat_for(player, policy_id, params.compute, {}, temperature=temperature)

    policy = policy_id, load(PolicyPlayer(kind="policy"))
    other = (f"expert {partner.skill}", load(partner)) if partner else policy

    def play_jobs(part: Sequence[Task], meter: Meter) -> list[Episode]:
        tables = make_tables(
            params.seed,
            part,
            policy,
            other,
            max_reply_tokens=params.games.max_reply_tokens,
            max_chat_tokens=settings.max_chat_tokens,
        )
        meter.play(tables)
        return [table.session.episode() for table in tables]

    item = {"lineup": lineup, "policy": policy_id}
    return play_in_shards(
        f"play/{lineup}/{policy_id}",
        derive_scratch_key("play", item, also=settings.shard_size),
        list_tasks(instances, settings),
        play_jobs,
        shard_size=settings.shard_size,
        batch_size=settings.batch_size,
    )


def main() -> None:
    """Play, score and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lineup", required=True, help="variant of play")
    parser.add_argument("--policy", required=True, help="folder under data/")
    args = parser.parse_args()
    lineup, policy_id = args.lineup, args.policy
    params = load_part(PlayParams)
    held_in, held_out = params.games.held_in, params.games.held_out
    confirm_code("held_in", held_in)
    confirm_code("held_out", held_out)
    instances = read_unseen(held_in, held_out)
    instances = take_first(instances, params.play.variant(lineup).instances)
    shards = play_all(params, instances, lineup, policy_id)
    folder = DATA / "play" / lineup / policy_id
    shards.join(folder / "episodes.parquet")
    episodes = read_episodes(folder / "episodes.parquet")
    scores = {
        "held_in": score(episodes, held_in),
        "held_out": score(episodes, held_out),
    }
    seats = score_seats(episodes, policy_id)
    write_json(folder / "scores.json", scores | ({"seats": seats} if seats else {}))
    shards.cost.write(locate_cost(f"play/{lineup}/{policy_id}"))
    shards.discard()
    clemscore = scores["held_in"]["clemscore"]
    print(f"{policy_id}, {lineup}: clemscore {clemscore} on unseen instances")


if __name__ == "__main__":
    run(main)
