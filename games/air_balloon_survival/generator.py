"""Seeded instances of air_balloon_survival: items with a weight and a value a player.

Items are codes that mean nothing. Weights and values are up to 1000, the limit is half
of the total weight. The second player's values are the first's (equal), or the first's
with the ranks reversed (inverse). In `complexity_hard` a value is the item's weight and
100, so that what is light is not a bargain.
"""

import json
import random
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from games.air_balloon_survival.rules import EQUAL, INVERSE
from games.air_balloon_survival.search import find_best_harmonic, find_best_total
from games.kit.splits import draw_different

FEW, MANY = 15, 35
HEAVIEST = 1000
SURPLUS = 100
"""What an item is worth beyond its weight where values go with weights."""
_CODES = [f"{letter}{n:02}" for letter in ascii_uppercase[:3] for n in range(100)]


@dataclass(frozen=True)
class Setting:
    """What the instances of a variant have in common."""

    mode: str
    num_items: int = FEW
    reasoning: bool = True
    values_go_with_weights: bool = False


KINDS = {
    "negotiation_easy": Setting(EQUAL),
    "negotiation_hard": Setting(INVERSE),
    "reasoning_off_easy": Setting(EQUAL, reasoning=False),
    "reasoning_off_hard": Setting(INVERSE, reasoning=False),
    "complexity_easy": Setting(EQUAL, MANY),
    "complexity_hard": Setting(EQUAL, MANY, values_go_with_weights=True),
}


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different weights and values.

    Raises:
        InstanceError: there are not so many.
    """
    puzzles = draw_different(
        lambda: draw(KINDS[variant], rng),
        name_puzzle,
        num,
        what="problems of air_balloon_survival",
        split=split,
    )
    return [puzzle | find_optima(puzzle) for puzzle in puzzles]


def name_puzzle(data: dict[str, Any]) -> str:
    """Write the weights and values as one text, whatever the items are called."""
    rows = zip(*_list_columns(data), strict=True)
    return json.dumps([sorted(rows), data["max_weight"]])


def draw(setting: Setting, rng: random.Random) -> dict[str, Any]:
    """Return the data of an instance, but for what its best deals are worth."""
    items = rng.sample(_CODES, setting.num_items)
    weights = rng.sample(range(1, HEAVIEST), setting.num_items)
    first = rng.sample(range(1, HEAVIEST), setting.num_items)
    if setting.values_go_with_weights:
        first = [weight + SURPLUS for weight in weights]
    second = first
    if setting.mode == INVERSE:
        partner = dict(zip(sorted(first), sorted(first, reverse=True), strict=True))
        second = [partner[value] for value in first]
    return {
        "negotiation_mode": setting.mode,
        "strategic_reasoning": setting.reasoning,
        "item_weights": dict(zip(items, weights, strict=True)),
        "player1_preferences": dict(zip(items, first, strict=True)),
        "player2_preferences": dict(zip(items, second, strict=True)),
        "max_weight": sum(weights) // 2,
    }


def find_optima(data: dict[str, Any]) -> dict[str, float]:
    """Find how much the best deals of an instance are worth.

    Where the players value all alike there is one measure only, and clembench writes
    1 for the harmonic mean.
    """
    weights, first, second = _list_columns(data)
    limit = data["max_weight"]
    found: dict[str, float] = {
        "max_u1": find_best_total(weights, first, limit),
        "max_u2": find_best_total(weights, second, limit),
        "max_harmonic": 1,
    }
    if data["negotiation_mode"] != EQUAL:
        found["max_harmonic"] = find_best_harmonic(weights, first, second, limit)
    return found


def _list_columns(data: dict[str, Any]) -> list[list[int]]:
    """List the weights and both players' values, all in the order of the weights."""
    names = "item_weights", "player1_preferences", "player2_preferences"
    return [[data[name][item] for item in data["item_weights"]] for name in names]
