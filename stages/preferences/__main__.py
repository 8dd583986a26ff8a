"""Pair won with failed self-play episodes."""

import argparse

from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.preferences import Preferences
from pipeline.params.sections.study import Games
from stages.common.cli import run
from stages.common.episodes import read_episodes
from stages.common.examples import PAIR, PREFERENCES, write_examples
from stages.common.files import DATA, write_json
from stages.preferences.pairs import measure, prefer


class PreferencesParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    games: Games
    preferences: Preferences


def main() -> None:
    """Read episodes, write pairs and metrics."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    params = load_part(PreferencesParams)
    games = params.games.held_in
    episodes = read_episodes(DATA / "selfplay" / "episodes.parquet")
    pairs = prefer(episodes, games, params.preferences, params.seed)
    write_examples(PREFERENCES, pairs, PAIR)
    write_json(PREFERENCES.with_name("metrics.json"), measure(pairs, games))
    print(f"{len(pairs)} preference pairs from {len(episodes)} episodes")


if __name__ == "__main__":
    run(main)
