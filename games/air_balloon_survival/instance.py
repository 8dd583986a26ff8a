"""What an instance holds: its fields by role, its texts, whether it can be played."""

import functools
import json
from typing import Any

from games.air_balloon_survival.rules import MODES, Objection, Tag
from games.contract import Instance
from games.errors import InstanceError
from games.kit.prompts import read_prompt

ONE, TWO = "player_1", "player_2"
VALUES = {ONE: "player1_preferences", TWO: "player2_preferences"}
"""The field that holds each role's values."""
PATIENCE = 2
"""How often a player may try again, in all of the episode."""
EMPTY_LIMIT = 8
"""How many messages in a row may go without a proposal."""

_PROMPTS = {ONE: "player1_initial_prompt", TWO: "player2_initial_prompt"}
"""clembench's names of the prompts, which an instance may bring."""
_OWN = ("player", "reasoning", "second")
"""Our own texts; `reasoning` ends in a line break."""
_TAGS = {
    "agree_tag": Tag.AGREE,
    "refusal_tag": Tag.REFUSE,
    "proposal_tag": Tag.PROPOSAL,
    "argument_tag": Tag.ARGUMENT,
    "strategic_reasoning_tag": Tag.REASONING,
}
"""clembench's names of the patterns, which are the same in all of its instances."""
OWN_TEXTS = (*_PROMPTS.values(), *_TAGS)
"""What an instance may bring as texts, besides complaints."""


def check(instance: Instance) -> None:
    """Refuse an instance that cannot be played.

    Raises:
        InstanceError: with what is wrong with it.
    """
    for rule, is_kept in _list_conditions(instance.data).items():
        if not is_kept:
            raise InstanceError(
                f"air_balloon_survival instance {instance.instance_id}: {rule}: "
                "regenerate the instances or mend the file"
            )


def _list_conditions(data: dict[str, Any]) -> dict[str, bool]:
    """List the conditions of a sound instance, each with whether it holds."""
    tables = [data[name] for name in ("item_weights", *VALUES.values())]
    positive = "max_weight", "max_u1", "max_u2", "max_harmonic"
    return {
        f"'negotiation_mode' must be one of {MODES}": data["negotiation_mode"] in MODES,
        "every item needs a weight and two values": all(
            table.keys() == tables[0].keys() for table in tables
        ),
        "weights and values must be whole numbers, 0 or more": all(
            isinstance(number, int) and number >= 0
            for table in tables
            for number in table.values()
        ),
        f"{positive} must be more than 0": all(data[name] > 0 for name in positive),
        f"'patience' must be 0 to {PATIENCE}": data.get("patience", PATIENCE)
        in range(PATIENCE + 1),
        "'empty_turn_limit' must be a whole number": isinstance(
            data.get("empty_turn_limit", EMPTY_LIMIT), int
        ),
        "'require_argument' must be true": data.get("require_argument", True) is True,
        f"the tags must be {', '.join(_TAGS.values())}": all(
            f"{tag}:" in data.get(name, f"{tag}:") for name, tag in _TAGS.items()
        ),
    }


def write_prompt(instance: Instance, role: str) -> str:
    """Write a role's prompt: the instance's own, or else ours."""
    data = instance.data
    if _PROMPTS[role] in data:
        return data[_PROMPTS[role]]
    own = {name: read_prompt("air_balloon_survival", f"{name}.txt") for name in _OWN}
    gaps: dict[str, Any] = {
        "$REASONING$": own["reasoning"] if data["strategic_reasoning"] else "",
        "$LIMIT$": data["max_weight"],
        "$WEIGHTS$": join_numbers(data["item_weights"]),
        "$VALUES$": join_numbers(data[VALUES[role]]),
    }
    text = own["player"]
    for gap, filling in gaps.items():
        text = text.replace(gap, str(filling))
    return f"{text}\n\n{own['second']}" if role == TWO else text


def join_numbers(numbers: dict[str, int]) -> str:
    """Write weights or values as our prompts show them."""
    return ", ".join(f"{item}: {number}" for item, number in numbers.items())


def find_complaint(instance: Instance, objection: Objection) -> str:
    """Find the text about an objection: the instance's own, or else ours."""
    return instance.data.get(objection) or _read_complaints()[objection]


@functools.cache
def _read_complaints() -> dict[str, str]:
    """Read our own text for every objection."""
    return json.loads(read_prompt("air_balloon_survival", "faults.json"))
