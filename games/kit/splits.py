"""Which split a target belongs to, and instances whose targets are of one split.

The split is the target's own hash: no list to keep, no overlap.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from games.errors import InstanceError

SPLITS = ("train", "validation", "test")
_SHARES = (0.6, 0.2, 0.2)
PATIENCE = 3000
"""Draws in a row that bring nothing new, after which a split counts as used up."""

T = TypeVar("T")


def split_of(target: str) -> str:
    """Return the split that owns a target (a word, a grid), the same on any machine."""
    share = int(hashlib.sha256(target.encode()).hexdigest()[:8], 16) / 2**32
    return SPLITS[(share >= _SHARES[0]) + (share >= _SHARES[0] + _SHARES[1])]


def sample(
    targets: Sequence[T], num: int, rng: random.Random, *, what: str, split: str
) -> list[T]:
    """Return `num` different ones of a split's targets.

    Args:
        targets: all that the split has.
        num: how many are wanted.
        rng: all chance.
        what: a plural for the error, as "words of taboo high_en".
        split: for the error.

    Raises:
        InstanceError: there are not so many.
    """
    if num > len(targets):
        raise _refuse(f"{len(targets)} {what}", num, split)
    return rng.sample(targets, num)


def draw_different(
    draw: Callable[[], T | None],
    target: Callable[[T], str],
    num: int,
    *,
    what: str,
    split: str,
) -> list[T]:
    """Return `num` draws with different targets of a split, as they came.

    Args:
        draw: makes one more; None is one that does not do.
        target: what train and test must not share.
        num: how many are wanted.
        what: a plural for the error, as "grids of imagegame".
        split: whose targets.

    Raises:
        InstanceError: there are not so many.
    """
    found: dict[str, T] = {}
    in_vain = 0
    while len(found) < num:
        in_vain += 1
        if in_vain > PATIENCE:
            raise _refuse(f"only about {len(found)} {what}", num, split)
        drawn = draw()
        if drawn is None:
            continue
        key = target(drawn)
        if key not in found and split_of(key) == split:
            found[key], in_vain = drawn, 0
    return list(found.values())


def _refuse(there_are: str, num: int, split: str) -> InstanceError:
    return InstanceError(
        f"there are {there_are} for {split}, not {num}: "
        f"lower instances.{split} in params.yaml"
    )
