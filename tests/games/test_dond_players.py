"""The scripted players of dond: what they understand and say, clembench's problems."""

import random
from collections import Counter

import pytest

from games.contract import Instance, Outcome
from games.dond import GAME
from games.dond.master import A, B
from games.dond.reading import (
    name_taken,
    read_offer,
    read_values,
    tell_offer,
    tell_values,
)
from games.dond.rules import Items, list_divisions, parse_proposal
from games.session import Session, expert_pair, play_episode
from tests.games.oracle import original

HATS = Items(["hat", "knife", "egg"], ["hats", "knives", "eggs"], [3, 1, 2])
DATA = {
    "mode": "coop",
    "item_types": list(HATS.singular),
    "item_types_plural": list(HATS.plural),
    "item_counts": list(HATS.counts),
    "player_a_values": [2, 4, 0],
    "player_b_values": [1, 1, 3],
}


def test_experts_are_understood() -> None:
    """What experts say is read as they mean it."""
    for own, _ in list_divisions(HATS):
        text = f"{tell_values(HATS, [2, 0, 5])} {tell_offer(HATS, own)}"
        assert read_values(text, HATS) == [2, 0, 5]
        assert read_offer(text, HATS) == own
        parsed = parse_proposal(f"Proposal: {name_taken(HATS, own)}", HATS)
        assert parsed == (own if any(own) else None)


@pytest.mark.parametrize(
    ("text", "own", "values"),
    [
        ("I'd like two hats and the knife, you get both eggs", (2, 1, 0), None),
        ("You can have 2 eggs.", (3, 1, 0), None),
        ("I want everything", None, None),
        ("hat: 3, egg: 1", None, [3, 0, 1]),
        ("Hats are worth 4 to me", None, [4, 0, 0]),
        ("What do you like?", None, None),
    ],
)
def test_free_text_is_understood(
    text: str, own: tuple[int, ...] | None, values: list[int] | None
) -> None:
    """Experts read offers and values in other words than theirs."""
    assert read_offer(text, HATS) == own
    assert read_values(text, HATS) == values


def test_expert_agrees_with_a_partner_who_only_makes_an_offer() -> None:
    """A fair offer in free words is taken up."""
    i = Instance("dond", "coop_en", "x", DATA)
    session = Session(GAME, i, {A: "any", B: "expert"})
    session.reply(
        "I value hats and knives. I take 3 hats and the knife, you take 2 eggs"
    )
    expert = GAME.expert(i, B, 1.0, random.Random(0))
    assert expert(session.messages()) == "[Proposal: 2 eggs]"


@pytest.mark.parametrize(("skill", "least", "most"), [(1, 1, 1), (0, 0, 0.05)])
def test_experts_win_by_skill(skill: float, least: float, most: float) -> None:
    """Skilled pairs always find a deal that cannot be bettered; unskilled ones none."""
    won = [
        play_episode(GAME, i, expert_pair(GAME, i, skill, seed)).main_score == 100
        for variant in GAME.spec.variants
        for seed, data in enumerate(
            GAME.generate(variant, "test", 40, random.Random(1))
        )
        for i in [Instance("dond", variant, f"{variant}-{seed}", data)]
    ]
    assert least <= sum(won) / len(won) <= most


def test_skilled_experts_win_all_of_clembenchs_instances() -> None:
    """All 40 load with their own prompts and texts, and are played with them."""
    loaded = original("dond")
    assert Counter(i.variant for i in loaded) == dict.fromkeys(GAME.spec.variants, 20)
    for i in loaded:
        episode = play_episode(GAME, i, expert_pair(GAME, i, 1.0, 0))
        assert (episode.outcome, episode.main_score) == (Outcome.SUCCESS, 100)
        start, end = i.data["initial_prompt"].split("$N$")
        assert episode.turns[0].context.startswith(start + "5" + end[:40])
        assert episode.turns[-1].context == i.data["proposal_early"]
