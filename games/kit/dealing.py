"""A split's instances, dealt so that no answer is right more often than others."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle, islice

from games.contract import Game, Instance


def deal(
    game: Game, split: str, num: int, make_rng: Callable[[str], random.Random]
) -> list[Instance]:
    """Generate `num` instances of a split, spread over the game's variants.

    Args:
        game: whose.
        split: which of them.
        num: how many of all variants together.
        make_rng: gives all chance, by the name of a variant or of what else needs it.

    Raises:
        InstanceError: the game has not so many.
    """
    spec = game.spec
    shares = Counter(islice(cycle(spec.deck or spec.variants), num))
    found = [
        Instance(spec.name, variant, f"{variant}-{split}-{number:04d}", data)
        for variant in spec.variants
        for number, data in enumerate(
            game.generate(variant, split, shares[variant], make_rng(variant))
        )
    ]
    return game.balance(found, make_rng("balance"))


def spread_evenly(choices: Sequence[str], num: int, rng: random.Random) -> list[str]:
    """Draw `num` of some choices in random order, each as often as any other.

    Where that cannot be, chance decides which of them are drawn once more.
    """
    order = rng.sample(list(choices), len(choices))
    drawn = list(islice(cycle(order), num))
    rng.shuffle(drawn)
    return drawn
