"""Generate the instances of all games of the study: `python -m stages.instances`."""

import random

from games.contract import Game, Instance
from games.registry import GAMES
from games.splits import SPLITS
from pipeline.params import load_params
from stages.common.cli import run
from stages.common.files import DATA, write_json
from stages.common.games import confirm_code
from stages.common.instances import INSTANCES, write_instances
from stages.common.seeds import derive_seed
from stages.instances.audit import audit, refuse_overlap


def generate(game: Game, split: str, num: int, seed: int) -> list[Instance]:
    """Generate `num` instances of a split, spread evenly over the game's variants."""
    variants, instances = game.spec.variants, []
    for place, variant in enumerate(variants):
        share = num // len(variants) + (place < num % len(variants))
        rng = random.Random(derive_seed(seed, game.spec.name, split, variant))
        for number, data in enumerate(game.generate(variant, split, share, rng)):
            name = f"{variant}-{split}-{number:04d}"
            instances.append(Instance(game.spec.name, variant, name, data))
    return instances


def main() -> None:
    """Generate, audit and write."""
    params = load_params()
    games = [*params.games.held_in, *params.games.held_out]
    confirm_code(games)
    rows: list[tuple[str, Instance]] = []
    overlaps = {}
    for name in games:
        game = GAMES[name]
        sizes = {split: params.instances.model_dump()[split] for split in SPLITS}
        own = [
            (split, instance)
            for split, num in sizes.items()
            for instance in generate(game, split, num, params.seed)
        ]
        overlaps[name] = audit(game, own)
        refuse_overlap(name, overlaps[name])
        rows += own
    write_instances(INSTANCES, rows)
    write_json(DATA / "instances" / "audit.json", overlaps)
    print(f"{len(rows)} instances; no two splits share one")


if __name__ == "__main__":
    run(main)
