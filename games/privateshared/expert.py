"""A scripted player of privateshared, which keeps in mind what it has said.

It answers a request with the slot's value, and a probe with yes if that slot was asked
for, or its value said, before. Which slot a text is about it knows by the texts. An
episode goes without a mistake with probability `skill`: each reply goes wrong just
rarely enough for that. Wrong are an answer without the value, or with another's; the
opposite of the truth; at times, a reply to a probe without its tag.
"""

import random

from games.contract import Instance, Message, Player
from games.privateshared.rules import ANSWER, ASIDE, NO, YES, find_slots, read_tagged

VAGUE = ("I am not sure.", "It does not matter.", "Anything will do.")
_UNTAGGED = 0.25
"""How many of the wrong replies to probes lack the tag."""


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted player of the only role."""
    slots = instance.data["slots"]
    requests = _index_texts(instance, "requests")
    probes = _index_texts(instance, "probes")
    num_replies = len(slots) * (len(slots) + 2)
    goes_well = skill ** (1 / num_replies)

    def play(messages: list[Message]) -> str:
        text, well = messages[-1]["content"], rng.random() < goes_well
        if text.startswith(f"{instance.data['tag']}: "):
            slot = _find_slot(text, requests)
            return f"{ANSWER} {slots[slot] if well else _draw_wrong(slot, slots, rng)}"
        truth = _find_slot(text, probes) in _list_told(messages, slots, requests)
        if not well and rng.random() < _UNTAGGED:
            return YES if truth else NO
        return f"{ASIDE} {YES if truth == well else NO}"

    return play


def _index_texts(instance: Instance, kind: str) -> dict[str, str]:
    """Map each text of a kind to its slot, longer texts first."""
    found = {
        text: slot
        for slot, texts in instance.data["texts"][kind].items()
        for text in texts
        if text
    }
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def _find_slot(message: str, slots: dict[str, str]) -> str:
    """Find the slot that a message asks for."""
    return next(slot for text, slot in slots.items() if text in message)


def _draw_wrong(slot: str, slots: dict[str, str], rng: random.Random) -> str:
    """Draw the value of another slot, or none."""
    others = [value for other, value in slots.items() if other != slot]
    return rng.choice([*others, *VAGUE])


def _list_told(
    messages: list[Message], slots: dict[str, str], requests: dict[str, str]
) -> set[str]:
    """Collect the slots that were asked for or whose values were said."""
    # the first two messages are the rules, the last is the question
    said = messages[2:-1]
    told = {_find_slot(one["content"], requests) for one in said[::2]}
    for one in said[1::2]:
        told |= set(find_slots(read_tagged(one["content"], ANSWER) or "", slots))
    return told
