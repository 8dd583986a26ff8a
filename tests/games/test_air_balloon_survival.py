"""Facts about air_balloon_survival: rules, patience, scores, any text at all."""

import math

import pytest

from games.air_balloon_survival import GAME
from games.air_balloon_survival.master import MAX_MESSAGES
from games.air_balloon_survival.rules import Objection, Statement, parse_set, read_reply
from games.contract import GameMaster, Instance
from games.errors import InstanceError
from tests.games.playing import play, score_episode

DATA = {
    "negotiation_mode": "independent",
    "strategic_reasoning": True,
    "item_weights": {"A": 5, "B": 4, "C": 3},
    "player1_preferences": {"A": 10, "B": 20, "C": 0},
    "player2_preferences": {"A": 30, "B": 0, "C": 10},
    "max_weight": 9,
    "max_u1": 30,
    "max_u2": 40,
    "max_harmonic": 85.0,
    "player1_initial_prompt": "ONE",
    "player2_initial_prompt": "TWO",
} | {objection: objection.name for objection in Objection}
THINK = "STRATEGIC REASONING: {'hm'}\n"
ARGUE = "ARGUMENT: {'so'}"
TALK = THINK + ARGUE


def offer(tag: str, *items: str) -> str:
    """Return a well-formed reply with one set, e.g. a proposal."""
    return f"{TALK}\n{tag}: {set(items)}"


def played(*replies: str, **changes: object) -> GameMaster:
    """Return a master that has been given some replies."""
    return play(Instance("air_balloon_survival", "x", "x", DATA | changes), *replies)


@pytest.mark.parametrize(
    ("reply", "objection"),
    [
        (ARGUE, Objection.NO_REASONING),
        (f"{ARGUE} {THINK}", Objection.NO_REASONING),
        ("STRATEGIC REASONING: {'{{'}", Objection.NO_REASONING),
        (THINK, Objection.NO_ARGUMENT),
        (f"{THINK} PROPOSAL: {{'A'}}", Objection.NO_ARGUMENT),
        (f"{TALK} please", Objection.UNTAGGED),
        (f"{TALK} {THINK}", Objection.UNTAGGED),
        (f"{TALK} PROPOSAL: 'A'", Objection.UNTAGGED),
        (f"{TALK} proposal: {{'A'}}", Objection.UNTAGGED),
        (f"{TALK} DISAGREE: {{'A'}}", Objection.UNTAGGED),
        (f"{TALK} PROPOSAL: {{A}}", Objection.NO_SET),
        (f"{TALK} PROPOSAL: {{}}", Objection.NO_SET),
        (f"{TALK} REFUSE: {{'A': 1}}", Objection.NO_SET),
        (f"{TALK} AGREE: {{['A']}}", Objection.NO_SET),
        (f"STRATEGIC REASONING: {{{ARGUE}}}", Objection.ONLY_REASONING),
    ],
)
def test_malformed_replies(reply: str, objection: Objection) -> None:
    """Reasoning first, an argument, sets of Python, and no other text."""
    assert read_reply(reply, reasoning=True) is objection
    assert objection.is_format


def test_the_reasoning_is_hidden() -> None:
    """A message shows all but the reasoning at its start, line breaks included."""
    message = read_reply(f"{TALK}\nPROPOSAL: {{'A',\n 'B'}}", reasoning=True)
    shown = f"{ARGUE}\nPROPOSAL: {{'A',\n 'B'}}"
    assert message == Statement(shown, (frozenset("AB"),), (), ())


def test_without_reasoning_there_must_be_none() -> None:
    """Where reasoning is off, its tag is text like any other."""
    assert read_reply(ARGUE, reasoning=False) == Statement(ARGUE, (), (), ())
    assert read_reply(TALK, reasoning=False) is Objection.UNTAGGED


def test_a_set_counts_wherever_its_tag_stands() -> None:
    """As in clembench, a proposal in an argument or in the reasoning is one."""
    reply = (
        "STRATEGIC REASONING: {'why not PROPOSAL: {'A'}'}"
        "ARGUMENT: {'AGREE: {'B'} is no option'}"
    )
    message = read_reply(reply, reasoning=True)
    assert message.proposals == (frozenset("A"),)
    assert message.agreements == (frozenset("B"),)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("{'A', \"B\",}", frozenset("AB")),
        ("{'A', 1}", frozenset({"A", 1})),
        ("{'\\d'}", frozenset({"\\d"})),
        ("['A']", None),
        ("{" + "-" * 1999 + "1}", None),
        ("{" + "(" * 1999 + "}", None),
        ("{" + "9" * 9**5 + "}", None),
        ("{'\ud800'}", None),
        ("{'\x00'}", None),
    ],
)
def test_sets(text: str, items: frozenset | None) -> None:
    """Only a Python set of literals is a set; nothing raises or warns."""
    assert parse_set(text) == items


@pytest.mark.parametrize(
    ("replies", "complaint"),
    [
        ([offer("PROPOSAL", "Z")], Objection.UNKNOWN_ITEM),
        ([f"{TALK} PROPOSAL: {{1}}"], Objection.UNKNOWN_ITEM),
        ([offer("REFUSE", "A")], Objection.NOT_TO_REFUSE),
        ([offer("AGREE", "A")], Objection.NOT_TO_AGREE),
        ([offer("PROPOSAL", "A"), offer("AGREE", "A", "B")], Objection.NOT_TO_AGREE),
        ([offer("PROPOSAL", "A"), TALK, offer("AGREE", "A")], Objection.NOT_TO_AGREE),
        (
            [offer("PROPOSAL", "A"), f"{offer('REFUSE', 'A')} AGREE: {{'A'}}"],
            Objection.NOT_TO_AGREE,
        ),
        (
            [offer("PROPOSAL", "A"), f"{offer('REFUSE', 'A')} REFUSE: {{'A'}}"],
            Objection.NOT_TO_REFUSE,
        ),
        (
            [offer("PROPOSAL", "A"), offer("REFUSE", "A"), TALK, offer("AGREE", "A")],
            Objection.NOT_TO_AGREE,
        ),
        (
            [offer("PROPOSAL", "A"), f"{offer('AGREE', 'A')} AGREE: {{'A'}}"],
            Objection.TWO_AGREEMENTS,
        ),
    ],
)
def test_broken_rules(replies: list[str], complaint: Objection) -> None:
    """Propose what there is; refuse and agree to what is open, and to one set only."""
    assert played(*replies).observe().endswith(complaint.name)
    assert not complaint.is_format


def test_contexts() -> None:
    """A prompt comes first; later the other's message, or the complaint alone."""
    master = played()
    assert master.observe() == "ONE"
    master.step("what?")
    assert (master.role, master.observe()) == ("player_1", Objection.NO_REASONING.name)
    master.step(offer("PROPOSAL", "A"))
    assert master.observe() == f"TWO\n\n{ARGUE}\nPROPOSAL: {{'A'}}"
    master.step(THINK)
    assert (master.role, master.observe()) == ("player_2", Objection.NO_ARGUMENT.name)
    master.step(TALK)
    assert (master.role, master.observe()) == ("player_1", ARGUE)


def test_own_prompts_end_in_what_varies() -> None:
    """Values stand last; only the second player is told of a first message."""
    none = {"player1_initial_prompt": None, "player2_initial_prompt": None}
    data = {key: value for key, value in DATA.items() if key not in none}
    master = GAME.master(Instance("air_balloon_survival", "x", "x", data))
    assert master.observe().endswith("Values to you: A: 10, B: 20, C: 0")
    assert "STRATEGIC" in master.observe()
    master.step(TALK)
    end = (
        f"Values to you: A: 30, B: 0, C: 10\n\nYour partner's first message:\n\n{ARGUE}"
    )
    assert master.observe().endswith(end)
    silent = Instance("x", "x", "x", data | {"strategic_reasoning": False})
    assert "STRATEGIC" not in GAME.master(silent).observe()


@pytest.mark.parametrize(
    ("replies", "outcome", "reason"),
    [
        (["x"] * 3, "aborted", "format"),
        ([offer("AGREE", "A")] * 3, "lose", "rule broken"),
        ([offer("AGREE", "A"), "x", offer("AGREE", "A")], "lose", "rule broken"),
        ([offer("AGREE", "A"), offer("AGREE", "A"), "x"], "aborted", "format"),
        (["x", TALK, "x", "x", TALK, "x", TALK, TALK, "x"], "aborted", "format"),
        ([TALK] * 9, "lose", "no proposals"),
        ([TALK] * 8 + [offer("PROPOSAL", "A")] + [TALK] * 9, "lose", "no proposals"),
        ([offer("PROPOSAL", "A")] * MAX_MESSAGES, "lose", "turn limit"),
    ],
)
def test_patience_and_limits(replies: list[str], outcome: str, reason: str) -> None:
    """Each player may err twice; nine messages without a proposal lose, and 24 do."""
    master = played(*replies)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert master.main_score == pytest.approx(
        math.nan if outcome == "aborted" else 0, nan_ok=True
    )


def test_no_episode_is_longer_than_declared() -> None:
    """Two errors of each player and 24 messages are the most that can be said."""
    offers = [offer("PROPOSAL", "A")] * (MAX_MESSAGES - 1)
    master = played("x", "x", offers[0], "x", "x", *offers[1:])
    assert master.role is not None
    master.step(offers[0])
    assert master.reason == "turn limit"
    assert GAME.spec.max_turns == len(offers) + 4 + 1


@pytest.mark.parametrize(
    ("items", "changes", "score", "shares"),
    [
        ("AB", {}, 100 * (2 * 100 * 75 / 175) / 85.72, (100, 75)),
        ("AC", {}, 100 * (2 * 100 / 3 * 100 / (400 / 3)) / 85.72, (100 / 3, 100)),
        ("B", {}, 0, (200 / 3, 0)),
        ("C", {}, 0, (0, 25)),
        ("ABC", {}, 0, (0, 0)),
        ("A", {"negotiation_mode": "equal"}, 100 / 3, (100 / 3, 75)),
        ("AB", {"negotiation_mode": "inverse", "max_harmonic": 80.0}, 100, (100, 75)),
    ],
)
def test_scores(items: str, changes: dict, score: float, shares: tuple) -> None:
    """The harmonic mean of both shares of the best there is; 0 if too heavy."""
    changes = {"max_harmonic": 85.72} | changes
    replies = offer("PROPOSAL", *items), offer("AGREE", *items)
    master = played(*replies, **changes)
    assert master.outcome == "success"
    assert master.main_score == pytest.approx(score)
    found = score_episode(master)
    both = [found[f"Normalized Utility Player {n}"] for n in (1, 2)]
    assert both == pytest.approx(shares)


def test_a_deal_that_is_too_heavy_is_one() -> None:
    """Agreement is success even above the limit, as in clembench; it scores 0."""
    master = played(offer("PROPOSAL", *"ABC"), offer("AGREE", *"ABC"))
    assert (master.outcome, master.reason) == ("success", "deal too heavy")


def test_episode_scores_count_requests() -> None:
    """Errors are counted by player; shares are NaN without a deal."""
    scores = score_episode(played("x", TALK, "x", "x", offer("AGREE", "A")))
    assert scores["Request Count"] == 5
    assert scores["Parsed Request Count"] == 1
    assert scores["Violated Request Count"] == 4
    assert (scores["Violations Player 1"], scores["Violations Player 2"]) == (1, 3)
    assert math.isnan(scores["Normalized Utility Player 1"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"negotiation_mode": "friendly"}, "negotiation_mode"),
        ({"item_weights": {"A": 1}}, "every item"),
        ({"player1_preferences": {"A": 1, "B": -1, "C": 0}}, "whole numbers"),
        ({"max_u1": 0}, "more than 0"),
        ({"patience": 3}, "patience"),
        ({"patience": "2"}, "patience"),
        ({"empty_turn_limit": None}, "empty_turn_limit"),
        ({"require_argument": False}, "require_argument"),
        ({"agree_tag": "OUI:"}, "tags"),
    ],
)
def test_bad_instances_are_refused(changes: dict, sentence: str) -> None:
    """What cannot be played, or not within the declared turns, is one sentence."""
    with pytest.raises(InstanceError, match=sentence):
        played(**changes)


HOSTILE = {
    "nested text": "{" * 2**20,
    "closed nested text": "{" * 2**19 + "}" * 2**19,
    "tags without an end": "PROPOSAL: {" * 740,
    "arguments without an end": "ARGUMENT: {{" * 680,
    "arguments in one": "ARGUMENT: {" + "ARGUMENT: {}" * 680,
    "blanks": "PROPOSAL:" + " " * 8000,
    "many sets": "PROPOSAL: {'A'}" * 540,
    "deep set": "PROPOSAL: {" + "(" * 8000 + "}",
    "minus": "PROPOSAL: {" + "-" * 2000 + "1}",
    "sum": "PROPOSAL: {" + "1+" * 1000 + "1}",
    "not": "AGREE: {" + "not " * 500 + "1}",
    "number": "REFUSE: {" + "9" * 2000 + "}",
    "power": "PROPOSAL: {9**9**9**9}",
    "megabyte": "PROPOSAL: {'" + "A" * 2**20 + "'}",
    "right to left": "PROPOSAL: {'\u202e\u05e9\u05dc'}",
    "control": "PROPOSAL: {'\x00\x1b'}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_judged(text: str) -> None:
    """No reply raises, wherever in a message the worst of it stands."""
    for reply in (text, THINK + text, TALK + text, THINK[:-3] + text, TALK[:-2] + text):
        master = played(offer("PROPOSAL", "A"))
        master.step(reply)
        assert master.outcome is None
