"""Pick demonstrations from the self-play episodes."""

import argparse

from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.demonstrations import Demonstrations
from pipeline.params.sections.study import Games
from stages.common.cli import run
from stages.common.episodes import read_episodes
from stages.common.examples import DEMONSTRATION, DEMONSTRATIONS, write_examples
from stages.common.files import DATA, write_json
from stages.demonstrations.rows import demonstrate, measure


class DemonstrationsParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    games: Games
    demonstrations: Demonstrations


def main() -> None:
    """Read episodes, write rows and metrics."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    params = load_part(DemonstrationsParams)
    games = params.games.held_in
    episodes = read_episodes(DATA / "selfplay" / "episodes.parquet")
    rows = demonstrate(episodes, games, params.demonstrations, params.seed)
    write_examples(DEMONSTRATIONS, rows, DEMONSTRATION)
    write_json(DEMONSTRATIONS.with_name("metrics.json"), measure(episodes, rows, games))
    print(f"{len(rows)} demonstrations from {len(episodes)} episodes")


if __name__ == "__main__":
    run(main)
