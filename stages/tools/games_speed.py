"""How many replies a second the game masters judge, and how long the worst takes.

    python -m stages.tools.games_speed [--games taboo wordle] [--json]

Replies are scripted and given at once, so what is measured is the game's own work: its
master, the session, the record of the episode in memory or, as one line of JSON an
episode, on disk. The unit is a step: one reply of one player. The worst reply is that
of the conformance suite's hostile ones, at any turn, whose judgement took longest: each
of them bare, and behind the words or the tag of what an expert says at that turn.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict
from typing import IO

from games.checks.conformance import list_replies, make_instances
from games.checks.hostile import list_hostile
from games.contract import Game, Instance
from games.errors import StudyError
from games.registry import GAMES, get_game
from games.session import Episode, Session, expert_pair, play_episode

_SECONDS = 2.0
_SKILL = 0.5

Script = tuple[Instance, list[str]]
"""An instance and the replies to it, in order."""


def play_scripts(game: Game, seed: int = 0) -> list[Script]:
    """Play the episodes that are replayed, by experts of medium skill."""
    found = []
    for number, instance in enumerate(make_instances(game, "test", seed)):
        players = expert_pair(game, instance, _SKILL, seed + number)
        episode = play_episode(game, instance, players)
        found.append((instance, [turn.reply for turn in list_replies(episode)]))
    return found


def replay(game: Game, instance: Instance, replies: list[str]) -> Episode:
    """Play an episode whose replies are known."""
    session = Session(game, instance, dict.fromkeys(game.spec.roles, "scripted"))
    for reply in replies:
        session.messages()
        session.reply(reply)
    return session.episode()


def measure_steps(
    game: Game, episodes: Sequence[Script], keep: Callable[[Episode], object]
) -> float:
    """Measure steps a second while episodes are replayed over and over, and kept."""
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < _SECONDS:
        for instance, replies in episodes:
            keep(replay(game, instance, replies))
            steps += len(replies)
    return steps / (time.perf_counter() - start)


def find_worst(game: Game, episodes: Sequence[Script]) -> float:
    """Find the longest judgement of a hostile reply at any turn, in milliseconds."""
    longest = 0.0
    for instance, replies in episodes:
        master = game.master(instance)
        for reply in replies:
            for _, hostile in list_hostile(reply):
                twin, text = deepcopy(master), hostile.strip()
                start = time.process_time()
                twin.step(text)
                longest = max(longest, time.process_time() - start)
            master.step(reply)
    return longest * 1000


def measure(game: Game) -> dict[str, float]:
    """Measure steps a second in memory and on disk, and the worst reply's ms."""
    episodes = play_scripts(game)
    kept: list[Episode] = []
    in_memory = measure_steps(game, episodes, kept.append)
    with tempfile.TemporaryFile("w", encoding="utf-8") as file:
        on_disk = measure_steps(game, episodes, lambda one: _write(one, file))
    return {
        "memory": round(in_memory),
        "disk": round(on_disk),
        "worst_ms": round(find_worst(game, episodes[:: len(game.spec.variants)]), 1),
    }


def _write(episode: Episode, file: IO[str]) -> None:
    json.dump(asdict(episode), file, ensure_ascii=False)
    file.write("\n")


def main() -> None:
    """Measure each game and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--games", nargs="+", default=list(GAMES), metavar="GAME")
    parser.add_argument("--json", action="store_true", help="print JSON, no table")
    arguments = parser.parse_args()
    try:
        games = {name: get_game(name) for name in arguments.games}
    except StudyError as error:
        sys.exit(f"error: {error}")
    speeds = {name: measure(game) for name, game in games.items()}
    if arguments.json:
        print(json.dumps(speeds, indent=2))
        return
    print(f"{'steps a second':<28}{'in memory':>12}{'on disk':>12}{'worst, ms':>12}")
    for name, speed in speeds.items():
        rates = f"{speed['memory']:>12,}{speed['disk']:>12,}"
        print(f"{name:<28}{rates}{speed['worst_ms']:>12}")


if __name__ == "__main__":
    main()
