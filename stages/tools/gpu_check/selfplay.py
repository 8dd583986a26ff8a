"""How fast one model plays: `python -m stages.tools.gpu_check.selfplay NAME WAY FILE`.

The study's engine plays relay (see `stages.tools.selfplay_speed`), and writes what was
asked for into FILE; its peers, `generate` and `generate_batch`, sample those replies
anew. Prints a line of JSON, for `stages.tools.gpu_check`.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from games.contract import Game
from stages.common.cli import run
from stages.common.policy import Policy
from stages.engines.choice import choose_engine
from stages.playing.table import Table
from stages.tools.gpu_check import peers
from stages.tools.gpu_check.found import Figure, measure_rate, tell_all
from stages.tools.gpu_check.models import EPISODES, load
from stages.tools.selfplay_speed.relay import GAME, make_relay_instances, shorten
from stages.tools.selfplay_speed.workload import play_relay

_SHORT = 10
WAYS = ("engine", "generate", "generate_batch")


def play(
    policy: Policy, episodes: int, game: Game = GAME
) -> tuple[Figure, list[Table]]:
    """Play with the study's engine, once short replies have set all up."""
    device = policy.model.device.type
    chat, kept = policy.chat, []
    engine = choose_engine(policy.model, chat.ends, temperature=1.0)
    others = make_relay_instances(episodes, seed=1)
    play_relay(engine, chat, others, episodes, shorten(_SHORT))
    engine.reset()
    instances = make_relay_instances(episodes)

    def work() -> int:
        speed, tables = play_relay(engine, chat, instances, episodes, game)
        kept.extend(tables)
        return speed.tokens

    rate, more = measure_rate(work, device)
    return Figure("self-play", "engine", rate, "tok/s", more), kept


def list_prompts(tables: Sequence[Table]) -> list[list[list[int]]]:
    """List what was asked for in finished episodes, turn by turn."""
    most = max(len(table.session.turns) for table in tables)
    turns: list[list[list[int]]] = [[] for _ in range(most)]
    for table in tables:
        roles = list(table.streams)
        for place in range(len(table.session.turns)):
            stream = table.streams[roles[place % len(roles)]]
            start = stream.starts[place // len(roles)]
            turns[place].append(stream.ids[:start])
    return turns


def sample_again(
    way: str, policy: Policy, turns: Sequence[list[list[int]]], most: int
) -> Figure:
    """Let a peer sample the replies to all prompts."""
    sample: Callable[..., int] = {
        "generate": peers.sample_statically,
        "generate_batch": peers.sample_continuously,
    }[way]
    model, end = policy.model, policy.chat.end_of_turn
    if way == "generate_batch":
        peers.set_up(model, turns, end, most)
    try:
        rate, more = measure_rate(
            lambda: sum(sample(model, turn, end, most) for turn in turns),
            model.device.type,
        )
    finally:
        peers.stop(model)
    return Figure("self-play", way, rate, "tok/s", more)


def measure(name: str, way: str, file: Path) -> Iterator[Figure]:
    """Measure one model in one way."""
    policy, episodes = load(name, "bfloat16"), EPISODES[name]
    if way == "engine":
        row, tables = play(policy, episodes)
        file.write_text(json.dumps(list_prompts(tables)))
    else:
        turns = json.loads(file.read_text())
        row = sample_again(way, policy, turns, GAME.spec.max_reply_tokens)
    what = f"{name}, {episodes} episodes, {way}"
    yield Figure(row.part, what, row.value, row.unit, row.more)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=EPISODES)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    what = f"{asked.name}, {EPISODES[asked.name]} episodes, {asked.way}"
    tell_all("self-play", measure(asked.name, asked.way, asked.file), what)


if __name__ == "__main__":
    run(main)
