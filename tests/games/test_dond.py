"""Facts about dond: proposals, ends, scores, contexts, instances, scripted players."""

import math
import random

import pytest

from games.checks.hostile import HOSTILE
from games.contract import GameMaster, Instance
from games.dond import GAME, list_secrets, name_target
from games.dond.generator import TOTAL, read_names
from games.dond.master import SILENCE, A, B
from games.dond.rules import Items, add_points, find_bracketed, parse_proposal
from games.errors import InstanceError
from games.kit.lexicon import stem
from games.kit.splits import SPLITS
from tests.games.playing import play, score_episode

HATS = Items(["hat", "knife", "egg"], ["hats", "knives", "eggs"], [3, 1, 2])
DATA = {
    "mode": "coop",
    "item_types": ["hat", "knife", "egg"],
    "item_types_plural": ["hats", "knives", "eggs"],
    "item_counts": [3, 1, 2],
    "player_a_values": [2, 4, 0],
    "player_b_values": [1, 1, 3],
}
TEXTS = {
    "initial_prompt": "$N$ | $ITEMS$ | $VALUE_FUNCTION$",
    "proposal_early": "Early!\n",
    "proposal_timeout": "Late!\n",
}
NOTHING = "[Proposal:]"


def played(*replies: str, **changes: object) -> GameMaster:
    """Return a master that has been given some replies."""
    return play(Instance("dond", "coop_en", "x", DATA | changes), *replies)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Proposal: 2 hats, 1 egg", (2, 0, 1)),
        (" PROPOSAL: 1 HAT ", (1, 0, 0)),
        ("proposal:1 egg,2 hat,", (2, 0, 1)),
        ("proposal:", (0, 0, 0)),
        ("proposal: ,", (0, 0, 0)),
        ("proposal: 0 eggs", (0, 0, 0)),
        ("proposal: 9 eggs", (0, 0, 9)),
        ("proposal: 2 knife", (0, 2, 0)),
        ("proposal: 1 hatted", (1, 0, 0)),
        ("proposal: 1 spoon", None),
        ("proposal: 1 hat, 1 hats", None),
        ("proposal: hat", None),
        ("proposal: a hat", None),
        ("proposal: -1 hat", None),
        ("proposal: 1 red hat", None),
        ("proposal: 1 hat and 1 egg", None),
        ("proposal: 1 hat,,", None),
        ("proposal: ² hats", None),
        ("proposal: " + "9" * 5000 + " hats", None),
        ("I want 1 hat", None),
    ],
)
def test_proposals_are_read(text: str, counts: tuple[int, ...] | None) -> None:
    """Pairs of a number and a name, by singular, plural or stem, each type once."""
    assert parse_proposal(text, HATS) == counts


def test_ambiguous_stems_mean_nothing() -> None:
    """A name with the stem of two types is of neither, unless it is exact."""
    items = Items(["organ", "organization"], ["organs", "organizations"], [1, 1])
    assert items.find_index("organization", 1) == 1
    assert items.find_index("organizing", 1) is None


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("I agree. [Proposal: 1 hat]", "Proposal: 1 hat"),
        ("[a] [b]", "a"),
        ("[[a]]", "[a"),
        ("[a\n] [b]", "b"),
        ("] [b", None),
        ("[\n" * 9 + "]", None),
        ("no brackets", None),
        ("[]", ""),
    ],
)
def test_brackets_are_found(reply: str, text: str | None) -> None:
    """The first brackets that open and close in one line make a proposal."""
    assert find_bracketed(reply) == text


@pytest.mark.parametrize(
    ("replies", "outcome", "reason", "score"),
    [
        (["[Proposal: 3 hats, 1 knife]", "[Proposal: 2 eggs]"], "success", "deal", 100),
        (["[Proposal: 1 knife]", "[Proposal: 2 eggs]"], "success", "deal", 62.5),
        ([NOTHING, NOTHING], "success", "deal", 0),
        (["[Proposal: 2 hats]", "[Proposal: 2 hats]"], "lose", "conflict", 0),
        (["hello", NOTHING, "hello"], "aborted", "no proposal", math.nan),
        (["hi"] * 11, "aborted", "no proposal", math.nan),
        ([*["hi"] * 10, NOTHING, "hi"], "aborted", "no proposal", math.nan),
        ([*["hi"] * 10, NOTHING, NOTHING], "success", "deal", 0),
        (["[Proposal: 4 hats]"], "aborted", "more than there is", math.nan),
        (["I take [all]"], "aborted", "format", math.nan),
    ],
)
def test_ends(replies: list[str], outcome: str, reason: str, score: float) -> None:
    """Two proposals that fit are a deal; a broken form or protocol aborts."""
    master = played(*replies)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert master.main_score == pytest.approx(score, nan_ok=True)


@pytest.mark.parametrize(
    ("mine", "yours", "score", "optimal"),
    [
        ("3 hats, 1 knife", "2 eggs", 100, 1),
        ("1 knife", "3 hats, 2 eggs", 100, 1),
        ("2 eggs", "3 hats, 1 knife", 0, 0),
        ("3 hats", "1 knife, 2 eggs", 80, 0),
        ("", "", 0, 0),
    ],
)
def test_semi_scores_what_one_could_gain(
    mine: str, yours: str, score: float, optimal: float
) -> None:
    """In mode semi every Pareto optimal deal has the full score."""
    claims = (f"[Proposal: {text}]" for text in (mine, yours))
    master = played(*claims, mode="semi")
    assert master.main_score == pytest.approx(score)
    assert score_episode(master)["Pareto Optimal"] == optimal


def test_episode_scores() -> None:
    """The sum counts as a share of the largest; aborted episodes have no scores."""
    deal = played("[Proposal: 3 hats]", "[Proposal: 2 eggs]")
    points = "Sum of Points", "Pareto Optimal"

    def score(master: GameMaster) -> list[float]:
        return [score_episode(master)[name] for name in points]

    assert score(deal) == [0.75, 0.0]
    assert score_episode(deal)["Request Count"] == 2
    assert all(map(math.isnan, score(played("[x]"))))
    lost = played("[Proposal: 1 knife]", "[Proposal: 1 knife]")
    assert score(lost) == [0, 0]


def test_contexts() -> None:
    """Prompts come first; then words of the other, or the request for a proposal."""
    master = played(**TEXTS)
    items = "5 | 3 hats, 1 knife, 2 eggs | hat:"
    assert master.observe() == f"{items} 2, knife: 4, egg: 0"
    master.step("Hi!")
    assert master.observe() == f"{items} 1, knife: 1, egg: 3\n\nHi!"
    master.step("")
    assert master.observe() == SILENCE
    for word in "abcdefgh":
        master.step(word)
    assert (master.role, master.observe()) == (A, "h\n\n\nLate!\n")
    master.step(NOTHING)
    assert (master.role, master.observe()) == (B, "Early!\n")
    assert played(NOTHING, **TEXTS).observe().endswith("egg: 3\n\nEarly!\n")


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "comp"},
        {"language": "de"},
        {"max_turns": 6},
        {"max_turns": "5"},
        {"item_counts": [1, 1]},
        {"item_counts": [1, 1, -1]},
        {"item_types": ["hat", "hat", "egg"]},
        {"item_types": ["hat", 3, "egg"]},
        {"player_b_values": [0, 0, 0]},
    ],
)
def test_bad_instances_are_refused(changes: dict[str, object]) -> None:
    """What cannot be played is refused in a sentence that names the instance."""
    with pytest.raises(InstanceError, match="dond instance x"):
        played(**changes)


@pytest.mark.parametrize("text", [*HOSTILE.values(), "[\n" * 2**19, "[" * 2**20])
def test_any_text_is_judged(text: str) -> None:
    """No reply raises, and an expert answers whatever it hears."""
    for reply in (text, f"[Proposal: {text}]", f"[Proposal: 1 {text}]"):
        master = played(reply)
        if master.role:
            expert = GAME.expert(master.instance, B, 1.0, random.Random(0))
            expert([{"role": "user", "content": master.observe()}])


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_instances_are_fair_and_worth_talking_about(variant: str) -> None:
    """5 to 8 items, 10 points each, every kind wanted and one at least by both."""
    for split in SPLITS:
        instances = GAME.generate(variant, split, 60, random.Random(1))
        for data in instances:
            counts = data["item_counts"]
            values = data["player_a_values"], data["player_b_values"]
            assert 3 <= len(counts) <= 5 <= sum(counts) <= 8
            assert [add_points(counts, v) for v in values] == [TOTAL, TOTAL]
            assert all(map(any, zip(*values, strict=True)))
            assert any(map(all, zip(*values, strict=True)))
            assert variant == f"{data['mode']}_en"


def test_targets_are_alike_whoever_is_a() -> None:
    """The same problem with players and items swapped is one target."""
    swapped = {
        **DATA,
        "item_types": ["egg", "cup", "rug"],
        "item_counts": [2, 1, 3],
        "player_a_values": [3, 1, 1],
        "player_b_values": [0, 4, 2],
    }
    one, other = (Instance("dond", "coop_en", "x", data) for data in (DATA, swapped))
    assert name_target(one) == name_target(other)


def test_the_generator_says_when_it_is_exhausted() -> None:
    """The same seed gives the same instances; too many of them are an error."""
    one, two = (GAME.generate("semi_en", "test", 9, random.Random(5)) for _ in "ab")
    assert one == two
    with pytest.raises(InstanceError, match="lower instances"):
        GAME.generate("semi_en", "test", 10**6, random.Random(5))


def test_items_cannot_be_confused() -> None:
    """No two of our items share a form or a stem."""
    names = read_names()
    stems = [{stem(word) for word in (*name, name[0])} for name in names]
    assert len(names) == 100
    assert sum(map(len, stems)) == len(set().union(*stems))


def test_values_are_secret() -> None:
    """Each role must not be told the other's values, unless they are the same."""
    assert list_secrets(played().instance, A) == ["hat: 1, knife: 1, egg: 3"]
    same = played(player_b_values=DATA["player_a_values"]).instance
    assert list_secrets(same, B) == []
