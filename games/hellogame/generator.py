"""Seeded instances of hellogame: names put together from two syllables."""

import random
from itertools import product
from typing import Any

from games.kit.splits import sample, split_of

FIRST = "Al Be Ca Da El Fa Ga Ha Jo Ka Li Ma Na Or Pe Ra Sa Ta Vi Za"
LAST = "bin dor fin gan lan lia mir na nor ra rik sa sha tan ton vin"


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different names.

    Raises:
        InstanceError: there are fewer names in this split.
    """
    pairs = map("".join, product(FIRST.split(), LAST.split()))
    names = [name for name in pairs if split_of(name) == split]
    chosen = sample(names, num, rng, what="names of hellogame", split=split)
    return [{"target_name": name} for name in chosen]
