"""Where instances come from: our generators, or the files of a clembench checkout."""

import random
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from games.clembench import instances as clembench
from games.contract import Game, Instance
from games.errors import InstanceError
from games.kit.splits import SPLITS, split_of
from pipeline.params.sections import Clembench, Instances
from stages.common.seeds import derive_seed

Row = tuple[str, Instance]
"""(split, instance)"""


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


def generated(game: Game, settings: Instances, seed: int) -> list[Row]:
    """Return instances of our own for every split."""
    sizes = settings.model_dump()
    return [
        (split, instance)
        for split in SPLITS
        for instance in generate(game, split, sizes[split], seed)
    ]


def taken(game: Game, settings: Instances, *, held_out: bool) -> list[Row]:
    """Return clembench's instances, at most so many a split, spread over variants.

    Validation is cut out of the training files, by target; a game that is held out has
    test instances only.

    Raises:
        InstanceError: a file is missing, or holds what the game does not understand.
    """
    files, sizes = settings.clembench, settings.model_dump()
    rows = [("test", one) for one in _read(game, files, files.test)]
    for one in [] if held_out else _read(game, files, files.train):
        kept = split_of(game.target(one)) == "validation"
        rows.append(("validation" if kept else "train", one))
    return [
        (split, one)
        for split in SPLITS
        for one in _spread([i for s, i in rows if s == split], sizes[split])
    ]


def by_rules(game: Game, rows: list[Row], rules: str) -> list[Row]:
    """Have instances played by a version of the rules, if the game has another."""
    if rules not in game.spec.rules[1:]:
        return rows
    return [
        (split, replace(one, data=one.data | {"rules": rules})) for split, one in rows
    ]


def _read(game: Game, files: Clembench, versions: list[str]) -> list[Instance]:
    """Return the instances of some versions; each has to please its game."""
    checkout, name = Path(files.checkout), game.spec.name
    found = [
        one
        for version in versions
        for one in clembench.read_instances(checkout, name, version)
    ]
    for one in found:
        try:
            game.master(one)
        except InstanceError as error:
            raise InstanceError(
                f"{error}; or name other versions in instances.clembench"
            ) from error
    return found


def _spread(instances: list[Instance], most: int) -> list[Instance]:
    """Return at most so many, from each variant in turn."""
    variants = dict.fromkeys(one.variant for one in instances)
    piles = [[one for one in instances if one.variant == name] for name in variants]
    in_turn = [one for row in zip_longest(*piles) for one in row if one is not None]
    return in_turn[:most]
