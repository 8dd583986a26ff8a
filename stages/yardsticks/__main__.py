"""Play the test instances with blind players and experts: `-m stages.yardsticks`."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from games.contract import Game, Instance, Player
from games.kit.blind import BlindKind, Habits, make_blind, name_gist
from games.registry import GAMES
from games.session import Episode, Session
from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.study import Games
from pipeline.params.sections.yardsticks import BLIND, EXPERT, Yardsticks
from stages.common.cli import run
from stages.common.episodes import write_episodes
from stages.common.examples import DEMONSTRATION, DEMONSTRATIONS, read_examples
from stages.common.files import DATA
from stages.common.games import confirm_code
from stages.common.instances import read_unseen
from stages.common.seeds import derive_seed

FILE = DATA / "yardsticks" / "episodes.parquet"
Learned = Mapping[tuple[str, str], Habits]
"""(game, role) -> what was said in training."""


class YardsticksParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    games: Games
    yardsticks: Yardsticks


def read_habits() -> Learned:
    """Count what each role says in the demonstrations, which SFT learns from."""
    habits: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in read_examples(DEMONSTRATIONS, DEMONSTRATION):
        said = [m["content"] for m in row["messages"] if m["role"] == "assistant"]
        habits[row["game"], row["role"]].update(map(name_gist, said))
    return habits


def list_lineups(
    roles: Sequence[str], players: Sequence[str]
) -> Iterator[dict[str, str]]:
    """Yield who fills each role: one player all of them, or one beside experts."""
    for name in players:
        yield dict.fromkeys(roles, name)
        if name != EXPERT and len(roles) > 1:
            for own in roles:
                yield {role: name if role == own else EXPERT for role in roles}


def play(
    instance: Instance, names: Mapping[str, str], learned: Learned, seed: int
) -> Episode:
    """Play one instance, with the players that are named."""
    game = GAMES[instance.game]
    players = {
        role: make_player(game, instance, role, name, learned, seed)
        for role, name in names.items()
    }
    session = Session(game, instance, names, seed=seed)
    while session.role is not None:
        session.reply(players[session.role](session.messages()))
    return session.episode()


def make_player(
    game: Game, instance: Instance, role: str, name: str, learned: Learned, seed: int
) -> Player:
    """Make the player of a name, for one episode."""
    rng = random.Random(derive_seed(seed, role))
    if name == EXPERT:
        return game.expert(instance, role, 1.0, rng)
    kind = BlindKind(name.removeprefix(BLIND))
    habits = learned.get((instance.game, role), {})
    return make_blind(game, instance, role, kind, rng, habits)


def main() -> None:
    """Play all lineups on all instances."""
    params = load_part(YardsticksParams)
    held_in, held_out = params.games.held_in, params.games.held_out
    confirm_code("held_in", held_in)
    confirm_code("held_out", held_out)
    instances = read_unseen(held_in, held_out)
    learned, episodes = read_habits(), []
    for instance in instances:
        seed = derive_seed(
            params.seed, "yardsticks", instance.game, instance.instance_id
        )
        roles = GAMES[instance.game].spec.roles
        for names in list_lineups(roles, params.yardsticks.players):
            episodes.append(play(instance, names, learned, seed))
    write_episodes(FILE, episodes)
    print(f"yardsticks: {len(episodes)} episodes of {len(instances)} instances")


if __name__ == "__main__":
    run(main)
