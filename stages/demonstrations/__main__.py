"""Pick demonstrations from the self-play episodes."""

import argparse

from pipeline.params.read import load_params
from stages.common.cli import run
from stages.common.episodes import read_episodes
from stages.common.files import DATA, write_json
from stages.common.tables import DEMONSTRATION, DEMONSTRATIONS, write_rows
from stages.demonstrations.rows import demonstrate, measure


def main() -> None:
    """Read episodes, write rows and metrics."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    params = load_params()
    games = params.games.held_in
    episodes = read_episodes(DATA / "selfplay" / "episodes.parquet")
    rows = demonstrate(episodes, games, params.demonstrations, params.seed)
    write_rows(DEMONSTRATIONS, rows, DEMONSTRATION)
    write_json(DEMONSTRATIONS.with_name("metrics.json"), measure(episodes, rows, games))
    print(f"{len(rows)} demonstrations from {len(episodes)} episodes")


if __name__ == "__main__":
    run(main)
