"""Scripted players of air_balloon_survival, who know their own values only.

A player asks for nearly all that it could get alone, and for a little less with every
message. It agrees to the best open proposal that gives it as much; else it proposes
what gives it as much and has most of what the other keeps asking for. Skill is the
share of replies made so; the others are talk, proposals of any items, and agreement to
what nobody has proposed.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from games.air_balloon_survival.instance import VALUES
from games.air_balloon_survival.rules import Items, Tag, add_up, find_sets, render_set
from games.air_balloon_survival.search import choose_best
from games.contract import Instance, Message, Player

STEP = 0.05
"""By how much less a player asks for with each message."""
GENEROSITY = (1.0, 0.5, 0.25, 0.1)
"""How much an item that the other wants counts, in own items of the mean value."""
POOR = 0.6
"""A proposal worth less than that, of the best for oneself, is refused."""
TALK, SLIPS = 0.6, 0.1
"""Shares of the unskilled replies: mere talk; agreement out of the blue."""


@dataclass(frozen=True)
class View:
    """What a player is told of the game."""

    weights: Mapping[str, int]
    values: Mapping[str, int]
    limit: int
    reasoning: bool

    def choose_best(self, wanted: Mapping[str, int], generosity: float) -> Items:
        """Choose the best set when the wishes of the other count as well."""
        bonus = generosity * sum(self.values.values()) / len(self.values)
        most = max(wanted.values(), default=1)
        values = tuple(
            value + round(bonus * wanted.get(item, 0) / most)
            for item, value in self.values.items()
        )
        items = list(self.values)
        weights = tuple(self.weights[item] for item in items)
        return frozenset(items[n] for n in choose_best(weights, values, self.limit))

    def rate(self, items: Items) -> float:
        """Rate a set by its share of the best that the player could get alone."""
        return add_up(items, self.values) / add_up(self.choose_best({}, 0), self.values)

    def say(self, thought: str, argument: str, *sets: tuple[Tag, Items]) -> str:
        """Write a well-formed reply; items stand in the order of the prompt."""
        lines = [f"{Tag.REASONING}: {{'{thought}'}}"] if self.reasoning else []
        lines.append(f"{Tag.ARGUMENT}: {{'{argument}'}}")
        for tag, items in sets:
            ordered = [item for item in self.values if item in items]
            lines.append(f"{tag}: {render_set(ordered)}")
        return "\n".join(lines)


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted negotiator."""
    data = instance.data
    view = View(
        data["item_weights"],
        data[VALUES[role]],
        data["max_weight"],
        data["strategic_reasoning"],
    )

    def play(messages: list[Message]) -> str:
        if rng.random() >= skill:
            return _blunder(view, rng)
        return _negotiate(view, messages)

    return play


def _negotiate(view: View, messages: list[Message]) -> str:
    """Agree if there is something to agree to, or else make a proposal."""
    proposed, offers = read_history(view, messages)
    asked = 1 - STEP * (len(messages) // 2)
    fair = [o for o in offers if add_up(o, view.weights) <= view.limit]
    offer = max(fair, key=view.rate, default=frozenset())
    if offer and view.rate(offer) >= asked:
        thought = f"{_describe_worth(view, offer)}; I ask for {asked:.0%}"
        return view.say(thought, "I can live with that", (Tag.AGREE, offer))
    own = _choose_proposal(
        view, Counter(item for items in proposed for item in items), asked
    )
    thought = f"{_describe_worth(view, own)}; limit {view.limit}"
    sets = [(Tag.PROPOSAL, own)]
    if offers and view.rate(offers[-1]) < POOR:
        sets.insert(0, (Tag.REFUSE, offers[-1]))
    return view.say(thought, _argue(view, own, proposed), *sets)


def read_history(
    view: View, messages: list[Message]
) -> tuple[list[Items], list[Items]]:
    """Read all that the other has proposed, and the part that was not refused since."""
    proposed: list[Items] = []
    offers: list[Items] = []
    for message in messages:
        if message["role"] == "user":
            sets = find_sets(Tag.PROPOSAL, message["content"])
            heard = [items for items in sets if items and items <= view.values.keys()]
            proposed += heard
            offers += heard
        else:
            refused = find_sets(Tag.REFUSE, message["content"])
            offers = [items for items in offers if items not in refused]
    return proposed, offers


def _choose_proposal(view: View, wanted: Mapping[str, int], asked: float) -> Items:
    """Choose the most generous set that is worth what the player asks for."""
    sets = (view.choose_best(wanted, generosity) for generosity in GENEROSITY if wanted)
    return next((s for s in sets if view.rate(s) >= asked), view.choose_best({}, 0))


def _describe_worth(view: View, items: Items) -> str:
    """Tell how much a set is worth and weighs, as a thought."""
    value, weight = add_up(items, view.values), add_up(items, view.weights)
    return f"worth {value} to me, {view.rate(items):.0%} of my best, weight {weight}"


def _argue(view: View, own: Items, proposed: list[Items]) -> str:
    """Argue for a proposal: name what the other's last one lacks."""
    lacking = own - proposed[-1] if proposed else frozenset()
    if not lacking:
        return "These items fit the limit and help us both"
    dearest = sorted(lacking, key=lambda item: (-view.values[item], item))[:2]
    return f"I need {' and '.join(dearest)}; I keep what I can of your set"


def _blunder(view: View, rng: random.Random) -> str:
    """Write a well-formed reply that leads nowhere."""
    items = frozenset(rng.sample(list(view.values), len(view.values) // 2))
    chance = rng.random()
    if chance < TALK:
        return view.say("no idea yet", "Let us think about it")
    if chance < TALK + SLIPS:
        return view.say("let us be done", "Agreed", (Tag.AGREE, items))
    return view.say("just a try", "How about this", (Tag.PROPOSAL, items))
