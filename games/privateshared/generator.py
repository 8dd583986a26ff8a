"""Seeded instances of privateshared: a value for each slot, and how it is asked for.

The three talks have their slots, values and texts in resources/; things and places,
letters and numbers are put together here. The target is all values together.
"""

import functools
import json
import random
from pathlib import Path
from typing import Any

from games.kit.splits import draw_different

_RESOURCES = Path(__file__).with_name("resources")
_LETTERS = "abcdefghij"

Domain = dict[str, Any]
"""Tag, situation and, by slot, texts of requests and probes, and values if any."""


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different values.

    Raises:
        InstanceError: there are not so many.
    """
    drawn = draw_different(
        lambda: _draw_values(variant, rng),
        name_values,
        num,
        what=f"{variant} talks of privateshared",
        split=split,
    )
    return [_make_instance(make_domain(variant), slots, rng) for slots in drawn]


def name_values(slots: dict[str, str]) -> str:
    """Write the values of all slots as one text."""
    return "; ".join(f"{slot}: {value}" for slot, value in slots.items())


@functools.cache
def make_domain(variant: str) -> Domain:
    """Make all that a variant's instances share."""
    if variant == "letter-number":
        asked = [(letter, letter.upper()) for letter in _LETTERS]
        return _make_plain(
            "These letters have numbers.",
            {letter: (f"Which number has {name}?", name) for letter, name in asked},
            "Does the questioner know the number of {}?",
        )
    if variant == "things-places":
        places = _read_lines("places.txt")
        return _make_plain(
            "These things are in these places.",
            {place: (f"Which thing is {where}?", where) for place, where in places},
            "Does the questioner know what is {}?",
        )
    return json.loads((_RESOURCES / f"{variant}.json").read_text(encoding="utf-8"))


def _make_plain(
    situation: str, asked: dict[str, tuple[str, str]], probe: str
) -> Domain:
    """Make a domain with one request and one probe a slot."""
    slots = {
        slot: {"requests": [request], "probes": [probe.format(name)]}
        for slot, (request, name) in asked.items()
    }
    return {"tag": "QUESTIONER", "situation": situation, "slots": slots}


@functools.cache
def _read_lines(name: str) -> list[list[str]]:
    """Read the lines of a resource, split in two at the first blank."""
    text = (_RESOURCES / name).read_text(encoding="utf-8")
    return [line.split(" ", 1) for line in text.splitlines()]


def _draw_values(variant: str, rng: random.Random) -> dict[str, str]:
    """Draw a value for each slot; no two are the same."""
    slots = make_domain(variant)["slots"]
    if variant == "letter-number":
        drawn = [str(number) for number in rng.sample(range(1000, 10000), len(slots))]
    elif variant == "things-places":
        drawn = rng.sample(
            [thing for (thing,) in _read_lines("things.txt")], len(slots)
        )
    else:
        drawn = [rng.choice(one["values"]) for one in slots.values()]
    return dict(zip(slots, drawn, strict=True))


def _make_instance(
    shared: Domain, slots: dict[str, str], rng: random.Random
) -> dict[str, Any]:
    """Make the data of an instance, its order and wordings chosen at random."""
    texts = {
        kind: {slot: one[kind] for slot, one in shared["slots"].items()}
        for kind in ("requests", "probes")
    }

    def pick(kind: str) -> dict[str, int]:
        return {slot: rng.randrange(len(texts[kind][slot])) for slot in slots}

    return {
        "tag": shared["tag"],
        "situation": shared["situation"],
        "slots": slots,
        "request_order": rng.sample(list(slots), len(slots)),
        "requests": pick("requests"),
        "probes": {str(number): pick("probes") for number in range(len(slots) + 1)},
        "texts": texts,
    }
