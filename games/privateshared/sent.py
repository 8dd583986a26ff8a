"""The texts of a recorded episode of privateshared, which its instance only numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

_MOST_TEXTS = 1000


def find_texts(
    data: dict[str, Any],
    responses: Sequence[Mapping[str, Any]],
    logged: Sequence[Sequence[Mapping[str, Any]]],
) -> dict[str, dict[str, list[str]]]:
    """Find the texts of a recorded episode, each where it was first sent.

    Of the round that broke off, the probes that were never sent are taken from the log;
    what was not even logged is empty, for it is not needed.

    Args:
        data: of the instance, without its texts.
        responses: with player, label and context; only Player 1 is a model.
        logged: clembench's probes, a list a round.
    """
    before, after = data["probe_forms"][0].split("$question$")
    texts = _make_blank(data)
    answered, asked = 0, list(data["probes"]["0"].items())
    for response in responses:
        context, label = response["context"], response["label"]
        if response["player"] != "Player 1" or label == "pseudo":
            continue
        if answered == len(data["request_order"]) and label != "forget":
            break
        if label != "forget":
            slot = data["request_order"][answered]
            text = context.removeprefix(f"{data['tag']}: ")
            texts["requests"][slot][data["requests"][slot]] = text
            answered += 1
            asked = list(data["probes"][str(answered)].items())
        elif context.startswith(before) and asked:
            slot, index = asked.pop(0)
            text = context.removeprefix(before).removesuffix(after)
            texts["probes"][slot][index] = text
    unsent = {slot.upper(): (slot, index) for slot, index in asked}
    for probe in logged[-1] if logged else []:
        if "answer" not in probe and probe["target"] in unsent:
            slot, index = unsent[probe["target"]]
            text = probe["question"].removeprefix(before.rstrip() + " ")
            texts["probes"][slot][index] = text.removesuffix(after)
    return texts


def _make_blank(data: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Make an empty text for each that an instance names by its number."""
    most = {
        slot: max(probes.get(slot, 0) for probes in data["probes"].values())
        for slot in data["slots"]
    }
    numbers = (*most.values(), *data["requests"].values())
    if not all(0 <= n <= _MOST_TEXTS for n in numbers):
        raise ValueError(f"texts are numbered from 0 to {_MOST_TEXTS}")
    return {
        "requests": {slot: [""] * (n + 1) for slot, n in data["requests"].items()},
        "probes": {slot: [""] * (n + 1) for slot, n in most.items()},
    }
