"""Where instances come from: our generators, or the files of a clembench checkout."""

import random
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from games.clembench import instances as clembench
from games.contract import Game, Instance
from games.errors import InstanceError
from games.kit.dealing import deal
from games.kit.splits import split_of
from pipeline.params.pins import confirm_pin, fingerprint
from pipeline.params.sections.instances import Clembench, Instances
from stages.common.seeds import derive_seed


def generate(game: Game, split: str, num: int, seed: int) -> list[Instance]:
    """Generate `num` instances of a split, spread over the game's variants."""

    def make_rng(name: str) -> random.Random:
        return random.Random(derive_seed(seed, game.spec.name, split, name))

    return deal(game, split, num, make_rng)


def take(game: Game, split: str, settings: Instances) -> list[Instance]:
    """Take a split's instances from clembench's files, spread over variants.

    Validation is cut out of the training files, by target.

    Raises:
        InstanceError: a file is missing, or holds what the game does not understand.
    """
    files = settings.clembench
    if split == "test":
        return _spread(_read(game, files, files.test), settings.size(split))
    found = [
        one
        for one in _read(game, files, files.train)
        if (split_of(game.target(one)) == "validation") == (split == "validation")
    ]
    return _spread(found, settings.size(split))


def confirm_checkout(files: Clembench) -> None:
    """Make sure that a checkout's instances are those that params.yaml pins.

    Raises:
        ParamsError: they are others, or not pinned yet.
    """
    found = fingerprint(_locate(files), "*.json")
    key = "instances.clembench.sha256"
    confirm_pin(found, files.sha256, f"the checkout {files.checkout}", key)


def apply_rules(game: Game, instance: Instance, rules: str) -> Instance:
    """Let an instance be played by a version of the rules, if its game has it."""
    if rules not in game.spec.rules[1:]:
        return instance
    return replace(instance, data=instance.data | {"rules": rules})


def _locate(files: Clembench) -> Path:
    assert files.checkout is not None, "the section refuses clembench without one"
    return Path(files.checkout)


def _read(game: Game, files: Clembench, versions: list[str]) -> list[Instance]:
    """Read the instances of some versions; each has to please its game."""
    checkout, name = _locate(files), game.spec.name
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
    """Take at most so many, from each variant in turn."""
    variants = dict.fromkeys(one.variant for one in instances)
    piles = [[one for one in instances if one.variant == name] for name in variants]
    in_turn = [one for row in zip_longest(*piles) for one in row if one is not None]
    return in_turn[:most]
