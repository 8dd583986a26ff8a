"""Scripted players of dond: tell points, offer the best division, claim one's part.

A skilled player knows its own points and what it was told. It works out the best
division (mode coop: the largest sum; semi: the largest product, which is Pareto
optimal), offers it with its own points, and claims its part once both speak of the
same. With probability 1 - skill a reply goes wrong: idle talk, or a claim of all that
is of value to the player.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from games.contract import Instance, Message, Player
from games.dond.master import (
    COOP,
    REQUESTS,
    VALUES,
    find_text,
    read_items,
    write_first_prompt,
)
from games.dond.reading import (
    is_accepted,
    name_taken,
    read_offer,
    read_values,
    tell_offer,
    tell_values,
)
from games.dond.rules import Counts, Items, add_points, is_within, list_divisions

GREED = 0.3
"""Share of the unskilled replies that claim items before they have to."""
PATIENCE = 3
"""Messages after which a player takes whatever is on the table."""
IDLE = (
    "Let us find a fair deal.",
    "What would you like to have?",
    "I like some of these very much.",
)


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted player of either role."""
    items, values = read_items(instance), instance.data[VALUES[role]]
    prompt = write_first_prompt(instance, role)
    requests = tuple(find_text(instance, name) for name in REQUESTS)
    is_coop = instance.data["mode"] == COOP
    wanted = zip(items.counts, values, strict=True)
    greedy = tuple(count if value else 0 for count, value in wanted)

    def play(messages: list[Message]) -> str:
        must_claim = messages[-1]["content"].endswith(requests)
        if rng.random() >= skill:
            if must_claim or rng.random() < GREED:
                return write_claim(items, greedy)
            return rng.choice(IDLE)
        talk = Talk.read(messages, prompt, items)
        if not (must_claim or talk.told or talk.heard):
            return tell_values(items, values)
        quality = _make_quality(items, values, talk.values, is_coop)
        best = max((own for own, _ in list_divisions(items)), key=quality)
        table = best if talk.table is None else talk.table
        if must_claim or talk.is_settled(quality, best):
            return write_claim(items, table)
        return f"{tell_values(items, values)} {tell_offer(items, best)}"

    return play


def write_claim(items: Items, own: Counts) -> str:
    """Write a proposal in the game's form."""
    what = name_taken(items, own)
    return "[Proposal:]" if what == "nothing" else f"[Proposal: {what}]"


Quality = Callable[[Counts], tuple[float, float]]
"""How good it is that the player itself takes some items, and the other the rest."""


def _make_quality(
    items: Items, own: Sequence[int], other: Sequence[float] | None, is_coop: bool
) -> Quality:
    """Make the measure of divisions; unknown values count as average ones."""
    if other is None:
        average = add_points(items.counts, own) / sum(items.counts)
        other = [average] * len(items.counts)

    def rate(mine: Counts) -> tuple[float, float]:
        had = add_points(mine, own), add_points(items.subtract(mine), other)
        if is_coop:
            return sum(had), min(had)
        return had[0] * had[1], sum(had)

    return rate


@dataclass
class Talk:
    """What a player gathers from its chat."""

    told: list[str]
    """Its own messages."""
    heard: list[str]
    """What the other has said."""
    values: list[int] | None
    """What the items are worth to the other, if it has told."""
    table: Counts | None
    """What the player itself takes by the last offer of either."""
    is_mine: bool
    """Whether the last offer was the player's own."""

    @classmethod
    def read(cls, messages: list[Message], prompt: str, items: Items) -> "Talk":
        """Read a chat in order."""
        talk = cls([], [], None, None, False)
        for message in messages:
            text = message["content"].removeprefix(prompt)
            is_mine = message["role"] == "assistant"
            if text:
                (talk.told if is_mine else talk.heard).append(text)
            offer = read_offer(text, items)
            if offer is not None and is_within(offer, items.counts):
                talk.table = offer if is_mine else items.subtract(offer)
                talk.is_mine = is_mine
            if not is_mine:
                talk.values = read_values(text, items) or talk.values
        return talk

    def is_settled(self, quality: Quality, best: Counts) -> bool:
        """Whether the last offer can be relied on."""
        if self.table is None:
            return False
        if len(self.told) >= PATIENCE or (self.is_mine and is_accepted(self.heard[-1])):
            return True
        known = self.values is not None or not self.is_mine
        return known and quality(self.table)[0] >= quality(best)[0]
