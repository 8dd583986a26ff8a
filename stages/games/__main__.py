"""Check the games of the study and name their code by content."""

import argparse

from games.checks.conformance import check_game
from games.code import code_of
from games.errors import StudyError
from games.registry import GAMES
from pipeline.params import load_params
from stages.common.cli import run
from stages.common.files import write_json
from stages.common.games import CODE


def main() -> None:
    """Run the conformance suite on every game, and write what their code is."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    params = load_params()
    games = [*params.games.held_in, *params.games.held_out]
    for name in games:
        try:
            check_game(GAMES[name], seed=params.seed)
        except AssertionError as error:
            raise StudyError(f"{name} breaks the contract of games: {error}") from error
    write_json(CODE, code_of(games))
    print(f"{len(games)} games keep the contract")


if __name__ == "__main__":
    run(main)
