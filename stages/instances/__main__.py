"""Make the instances of one split."""

import argparse

from games.contract import Instance
from games.registry import GAMES
from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.instances import Instances
from pipeline.params.sections.study import Games
from stages.common.cli import run
from stages.common.games import confirm_code
from stages.common.instances import SPLITS, locate_instances, write_instances
from stages.instances.sources import apply_rules, confirm_checkout, generate, take


class InstancesParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    games: Games
    instances: Instances


def main() -> None:
    """Generate or take the instances of every game of a split, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=SPLITS, required=True)
    split = parser.parse_args().split
    params = load_part(InstancesParams)
    part = "held_out" if split == "held_out" else "held_in"
    games = params.games.of(part)
    confirm_code(part, games, bridges=True)
    settings = params.instances
    # the split that files, sizes and seeds know: a held-out game is only tested
    known = "test" if split == "held_out" else split
    if settings.source == "clembench":
        confirm_checkout(settings.clembench)
    instances: list[Instance] = []
    for name in games:
        game = GAMES[name]
        if settings.source == "generators":
            num = settings.size(known)
            own = generate(game, known, num, params.seed)
        else:
            own = take(game, known, settings)
        instances += [apply_rules(game, one, settings.rules) for one in own]
    write_instances(locate_instances(split), instances)
    print(f"{len(instances)} instances of {', '.join(games) or 'no game'}")


if __name__ == "__main__":
    run(main)
