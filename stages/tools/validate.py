"""How a policy plays the validation instances: `-m stages.tools.validate POLICY`.

A recipe is chosen by this, never by the test instances. Plays the games that are
trained on, in one lineup after another, e.g. `validate sft/sft/0 --lineup self beside`.
Prints, for each game and each seat that the policy fills, % played, quality, the mean
of the two's product, what the best blind player gets there, and the reply that it gives
most often. The episodes are kept in scratch/validation/, to be read.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from games.contract import Instance, Outcome
from games.registry import GAMES
from games.scoring import GameScores, score_game
from games.session import Episode
from pipeline.params.read import load_params
from pipeline.params.sections.players import PolicyPlayer
from pipeline.params.sections.whole import Params
from pipeline.params.sections.yardsticks import BLIND
from stages.common.cli import run
from stages.common.episodes import write_episodes
from stages.common.files import SCRATCH
from stages.common.instances import locate_instances, read_instances
from stages.common.seeds import derive_seed
from stages.play.tasks import list_tasks, make_tables, take_first
from stages.playing.seats import MakeSeat, seat_for
from stages.playing.table import play
from stages.yardsticks.__main__ import list_lineups, read_habits
from stages.yardsticks.__main__ import play as play_blind

ALL = "all"
"""Stands for a role where the policy fills every one."""
_SHOWN = 40

Seat = tuple[str, str]
"""(game, role)."""


@dataclass(frozen=True)
class Line:
    """What a policy does in one seat."""

    game: str
    role: str
    scores: GameScores
    blind: float
    """% played times quality of the best blind player."""
    reply: str
    """The one that it gives most often."""
    share: float
    """% of its replies that are this one."""


def validate(
    params: Params, policy_id: str, lineup: str, instances: Sequence[Instance]
) -> list[Episode]:
    """Play instances with a policy, in one lineup."""
    settings = params.play.variant(lineup)
    instances = take_first(instances, settings.instances)

    def load(player: PolicyPlayer) -> MakeSeat:
        temperature = settings.temperature
        return seat_for(player, policy_id, params.compute, {}, temperature=temperature)

    policy = policy_id, load(PolicyPlayer(kind="policy"))
    partner = settings.partner
    other = policy
    if partner:
        make = seat_for(partner, policy_id, params.compute, {}, temperature=0.0)
        other = f"expert {partner.skill}", make
    tables = make_tables(
        params.seed,
        list_tasks(instances, settings),
        policy,
        other,
        max_reply_tokens=params.games.max_reply_tokens,
        max_chat_tokens=settings.max_chat_tokens,
    )
    for _ in play(tables, settings.batch_size):
        pass
    return [table.session.episode() for table in tables]


def group_by_seat(episodes: Iterable[Episode], name: str) -> dict[Seat, list[Episode]]:
    """Sort episodes by the game and the seat that a player of this name fills."""
    seats: dict[Seat, list[Episode]] = {}
    for episode in episodes:
        filled = [role for role, who in episode.players.items() if who == name]
        role = filled[0] if len(filled) < len(episode.players) else ALL
        seats.setdefault((episode.game, role), []).append(episode)
    return seats


def score(episodes: Sequence[Episode]) -> GameScores:
    """Score the episodes of one seat."""
    return score_game([(e.game, e.outcome, e.main_score) for e in episodes])


def measure_blind(params: Params, instances: Sequence[Instance]) -> dict[Seat, float]:
    """Measure what the best blind player gets in each seat, beside experts."""
    learned, best = read_habits(), dict[Seat, float]()
    for name in params.yardsticks.players:
        if not name.startswith(BLIND):
            continue
        episodes = [
            play_blind(one, names, learned, derive_seed(params.seed, "validate", name))
            for one in instances
            for names in list_lineups(GAMES[one.game].spec.roles, [name])
        ]
        for seat, own in group_by_seat(episodes, name).items():
            best[seat] = max(best.get(seat, 0.0), score(own).product)
    return best


def find_habit(episodes: Sequence[Episode], policy_id: str) -> tuple[str, float]:
    """Find the reply that a policy gives most often, and its share in %."""
    said = Counter(
        turn.reply
        for episode in episodes
        for turn in episode.turns
        if episode.players[turn.role] == policy_id
    )
    ((reply, times),) = said.most_common(1) or [("", 0)]
    return reply, 100 * times / max(1, said.total())


def list_lines(
    episodes: Sequence[Episode], policy_id: str, blind: dict[Seat, float]
) -> list[Line]:
    """List what a policy does, seat by seat."""
    return [
        Line(*seat, score(own), blind.get(seat, 0.0), *find_habit(own, policy_id))
        for seat, own in group_by_seat(episodes, policy_id).items()
    ]


def write_table(lines: Sequence[Line]) -> str:
    """Write a line a seat."""
    rows = [
        {
            "game": line.game,
            "role": line.role,
            "n": line.scores.episodes,
            "played": line.scores.played,
            "quality": line.scores.quality,
            "product": round(line.scores.product, 1),
            "blind": round(line.blind, 1),
            "most often": f"{line.share:.0f} % {line.reply[:_SHOWN]!r}",
        }
        for line in lines
    ]
    return pd.DataFrame(rows).to_string(index=False)


def main() -> None:
    """Play, keep and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("policy", help="folder under data/")
    parser.add_argument("--lineup", nargs="+", default=["self"], help="of play")
    args = parser.parse_args()
    params = load_params()
    games = params.games.held_in
    instances = read_instances(locate_instances("validation"), games=games)
    blind = measure_blind(params, instances)
    for lineup in args.lineup:
        episodes = validate(params, args.policy, lineup, instances)
        file = SCRATCH / "validation" / lineup / f"{args.policy}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_episodes(file, episodes)
        won = sum(episode.outcome == Outcome.SUCCESS for episode in episodes)
        print(f"{args.policy}, {lineup}: {won} of {len(episodes)} won")
        print(write_table(list_lines(episodes, args.policy, blind)), flush=True)


if __name__ == "__main__":
    run(main)
