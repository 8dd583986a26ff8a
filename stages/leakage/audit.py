"""What train, validation and test instances of a game share.

Three ways of being the same: the whole instance to the letter, the instance without
case and blanks, and the game's target (the word, the grid).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from games.contract import Game, Instance
from games.errors import InstanceError

AUDITED = ("train", "validation", "test")
"""The splits whose instances must differ; a held-out game has one split only."""

Overlap = dict[str, dict[str, int]]
"""{"train-test": {"exact": 0, "normalised": 0, "target": 0}, ...}"""


def audit(game: Game, splits: Mapping[str, Sequence[Instance]]) -> Overlap:
    """Count, for each pair of splits, what they share."""
    views: dict[str, Callable[[Instance], str]] = {
        "exact": _write_exactly,
        "normalised": lambda i: "".join(_write_exactly(i).lower().split()),
        "target": game.target,
    }
    return {
        f"{first}-{second}": {
            name: len({*map(view, splits[first])} & {*map(view, splits[second])})
            for name, view in views.items()
        }
        for first, second in combinations(AUDITED, 2)
    }


def refuse_overlap(game: str, overlap: Overlap) -> None:
    """Stop the study when splits share anything.

    Raises:
        InstanceError: they do.
    """
    for pair, counts in overlap.items():
        for view, count in counts.items():
            if count:
                raise InstanceError(
                    f"{count} {game} instances are shared ({view}) by the splits "
                    f"{pair}: a test on them would not be unseen; mend the generator "
                    f"or the files, or name {game} in leakage.may_overlap"
                )


def _write_exactly(instance: Instance) -> str:
    return json.dumps([instance.variant, instance.data], sort_keys=True)
