"""Check the games of one part of the study and name their code by content."""

import argparse

from games.checks.conformance import check_game
from games.code import hash_code
from games.errors import StudyError
from games.registry import GAMES
from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.study import Games
from stages.common.cli import run
from stages.common.files import write_json
from stages.common.games import locate_code


class GamesParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    games: Games


def main() -> None:
    """Run the conformance suite on every game, and write what their code is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["held_in", "held_out"], required=True)
    part = parser.parse_args().part
    params = load_part(GamesParams)
    games = params.games.of(part)
    for name in games:
        try:
            check_game(GAMES[name], seed=params.seed)
        except AssertionError as error:
            raise StudyError(f"{name} breaks the contract of games: {error}") from error
    for bridges in (False, True):
        path = locate_code(part, bridges=bridges)
        write_json(path, hash_code(games, bridges=bridges))
    print(f"{len(games)} games keep the contract")


if __name__ == "__main__":
    run(main)
