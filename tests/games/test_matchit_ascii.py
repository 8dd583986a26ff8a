"""Facts about matchit_ascii: script, flags, decisions, pairs, players, recordings."""

import math
import random
from collections.abc import Sequence

import pytest

from games.checks.hostile import HOSTILE
from games.contract import GameMaster, Instance, Outcome
from games.errors import InstanceError
from games.kit.grids import find_filled, parse_grid
from games.kit.regions import BORDER, COLUMNS, ROWS
from games.kit.splits import SPLITS, split_of
from games.matchit_ascii import GAME, list_secrets
from games.matchit_ascii.generator import list_symmetries, name_drawing
from games.matchit_ascii.master import PROMPTS, find_request
from games.matchit_ascii.reading import fill_grid
from games.matchit_ascii.rules import SCRIPT, A, Act, B, has_flag, read_verdict
from games.session import Session, expert_pair
from tests.games.noted import assert_noted
from tests.games.playing import play, score_episode, score_turns

CROSS, FRAME = fill_grid(ROWS[2] | COLUMNS[2]), fill_grid(BORDER)
TALK = [f"{act} something" for _, act in SCRIPT[:-2]]
SAME, DIFFERENT = "DECISION: same grid", "DECISION: different grids"
TEXTS = {
    "initial_prompt": "Yours:\n$GRID$",
    "desc_intro": "I see ",
    "q_reprompt": "Ask!",
    "a_request": " Answer!",
    "d_reprompt": "Decide!\n",
}


def text(grid: Sequence[str]) -> str:
    """Return a grid as instances hold it."""
    return "\n".join(" ".join(row) for row in grid)


def made(same: bool = True, **changes: object) -> Instance:
    """Return an instance of equal or of different grids."""
    data = {"grid_a": text(CROSS), "grid_b": text(CROSS if same else FRAME)}
    return Instance("matchit_ascii", "same_grid", "x", data | changes)


def played(*replies: str, same: bool = True, **changes: object) -> GameMaster:
    """Return a master that has been given some replies."""
    return play(made(same, **changes), *replies)


def test_the_script_is_clembenchs() -> None:
    """Describe; three questions of each player, answered; B decides before A."""
    letters = "".join(f"{role[-1]}{act[:2]} " for role, act in SCRIPT)
    exchange = "aAN aQU bAN bQU "
    assert letters == f"aDE bDE bQU {exchange * 2}aAN aQU bAN bDE aDE "
    assert len(SCRIPT) == GAME.spec.max_turns == 16


@pytest.mark.parametrize(
    ("reply", "well_formed"),
    [
        ("QUESTION: Is it?", True),
        ("QUESTION:", True),
        ("QUESTION:\nIs it?", True),
        ("\n\nQUESTION: Is it?", True),
        ("QUESTION: Is it?\nANSWER: yes", True),
        ("QUESTION:Is it?", False),
        ("Question: Is it?", False),
        ("A QUESTION: Is it?", False),
        ("ANSWER: yes", False),
        ("", False),
    ],
)
def test_the_first_word_is_the_flag(reply: str, well_formed: bool) -> None:
    """With its capitals and a blank behind it; what follows is free."""
    assert has_flag(reply, Act.ASK) is well_formed


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (SAME, "same grid"),
        (DIFFERENT, "different grids"),
        ("DECISION: Same Grid.", "same grid"),
        ("DECISION: same grid...\n", "same grid"),
        ("DECISION: same \ngrid", None),
        ("DECISION: same. grid", None),
        ("DECISION:\nsame grid", None),
        ("DECISION: same grids", None),
        ("DECISION: same grid!", None),
        ("DECISION: different grids<|end_of_text|>", None),
    ],
)
def test_decisions(reply: str, verdict: str | None) -> None:
    """All of the text counts, but for capitals, and full stops and breaks around it."""
    assert read_verdict(reply) == verdict


@pytest.mark.parametrize(
    ("same", "decisions", "outcome", "score", "player_score"),
    [
        (True, [SAME, SAME], "success", 100, 100),
        (False, [DIFFERENT, DIFFERENT], "success", 100, 100),
        (True, [SAME, DIFFERENT], "lose", 0, 50),
        (True, [DIFFERENT, SAME], "lose", 0, 50),
        (False, [SAME, SAME], "lose", 0, 0),
        (True, [SAME, "DECISION: both"], "aborted", math.nan, math.nan),
        (True, ["DECISION: both"], "aborted", math.nan, math.nan),
        (True, ["decision: same grid"], "aborted", math.nan, math.nan),
    ],
)
def test_both_must_decide_correctly(
    same: bool,
    decisions: list[str],
    outcome: str,
    score: float,
    player_score: float,
) -> None:
    """A wrong decision of B does not end the episode; a malformed one does."""
    master = played(*TALK, *decisions, same=same)
    assert master.outcome == outcome
    assert master.main_score == pytest.approx(score, nan_ok=True)
    scores = score_episode(master)
    assert scores["Player Score"] == pytest.approx(player_score, nan_ok=True)


@pytest.mark.parametrize("position", range(len(SCRIPT)))
def test_a_wrong_flag_aborts_anywhere(position: int) -> None:
    """At once, and it counts as a violated request."""
    replies = [*TALK, SAME][:position]
    master = played(*replies, "HELLO: you")
    assert (master.outcome, master.reason) == (Outcome.ABORTED, "format")
    assert master.ended_by == SCRIPT[position][0]
    scores = score_episode(master)
    counts = [scores[f"{kind}Request Count"] for kind in ("", "Parsed ", "Violated ")]
    assert counts == [position + 1, position, 1]


def test_the_referee_notes_what_clembench_notes() -> None:
    """Notes, keys and turn scores are those of every recorded episode."""
    assert_noted("matchit_ascii")


@pytest.mark.parametrize("position", range(len(SCRIPT)))
def test_every_round_has_its_requests(position: int) -> None:
    """Three in the first round, four in each of the next three; one in the last."""
    master = played(*[*TALK, SAME][:position], "HELLO: you")
    turns = score_turns(master)
    numbers = [*"000", *"1111", *"2222", *"3333", "4"][: position + 1]
    assert list(turns) == sorted(set(numbers))
    for number, scores in turns.items():
        violated = number == numbers[-1]
        assert scores == {
            "Request Count": numbers.count(number),
            "Parsed Request Count": numbers.count(number) - violated,
            "Violated Request Count": violated,
        }


def test_contexts() -> None:
    """Descriptions come with an introduction; answers with the other's question."""
    replies = ["DESCRIPTION: a", "DESCRIPTION: b", "QUESTION: b1", "ANSWER: a1"]
    replies += ["QUESTION: a1", "ANSWER: b1", "QUESTION: b2", "ANSWER: a2"]
    seen = [
        played(*replies[:number], same=False, **TEXTS).observe()
        for number in range(len(replies) + 1)
    ]
    assert seen == [
        f"Yours:\n{text(CROSS)}",
        f"Yours:\n{text(FRAME)}",
        "I see DESCRIPTION: a\nAsk!",
        "I see DESCRIPTION: b\nQUESTION: b1 Answer!",
        "Ask!",
        "ANSWER: a1\nQUESTION: a1 Answer!",
        "Ask!",
        "ANSWER: b1\nQUESTION: b2 Answer!",
        "Ask!",
    ]
    assert played(*TALK, **TEXTS).observe() == "Decide!\n"
    assert played(*TALK, SAME, **TEXTS).observe() == "ANSWER: something\nDecide!\n"


def test_own_prompts_end_in_what_varies() -> None:
    """The grid stands at the end of the first prompt, and no other speaks of cells."""
    assert played().observe().endswith(f"\n\nYour grid:\n{text(CROSS)}")
    assert "$" not in "".join(find_request(made(), act) for act in list(PROMPTS)[1:])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [({"grid_b": "X X"}, "'grid_b' is not a 5 by 5"), ({"decision_turn": 2}, "must")],
)
def test_bad_instances_are_refused(changes: dict[str, object], complaint: str) -> None:
    """What is no grid, and another number of questions."""
    with pytest.raises(InstanceError, match=complaint):
        played(**changes)


@pytest.mark.parametrize("variant", GAME.spec.variants)
@pytest.mark.parametrize("split", SPLITS)
def test_pairs_are_what_their_variant_says(variant: str, split: str) -> None:
    """The same, flipped or turned, two cells apart, or more than that."""
    for data in GAME.generate(variant, split, 20, random.Random(3)):
        one, other = (
            find_filled(parse_grid(data[name])) for name in ("grid_a", "grid_b")
        )
        turned, apart = other in list_symmetries(one), len(one ^ other)
        assert (apart == 0) == (variant == "same_grid")
        assert turned or variant != "similar_grid_1"
        assert apart == 2 or variant != "similar_grid_2"
        assert (not turned and apart > 2) or variant != "different_grid"
        assert {split_of(name_drawing(cells)) for cells in (one, other)} == {split}


def test_flips_and_turns_are_one_drawing() -> None:
    """A drawing has eight symmetries, all of one name."""
    corner = ROWS[0] | {(1, 0)}
    assert len(set(list_symmetries(corner))) == 8
    assert len({name_drawing(cells) for cells in list_symmetries(corner)}) == 1


def test_generator_is_deterministic_and_says_when_it_is_exhausted() -> None:
    """The same seed gives the same instances; too many of them are an error."""
    one, two = (GAME.generate("same_grid", "test", 9, random.Random(5)) for _ in "ab")
    assert one == two
    with pytest.raises(InstanceError, match="lower instances"):
        GAME.generate("same_grid", "validation", 1000, random.Random(5))


def test_only_another_grid_is_secret() -> None:
    """Where both grids are the same, a player sees the other's in its own."""
    assert list_secrets(made(same=True), A) == []
    assert list_secrets(made(same=False), A) == [text(FRAME)]
    assert list_secrets(made(same=False), B) == [text(CROSS)]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("position", range(len(SCRIPT)))
def test_hostile_replies_are_judged(name: str, position: int) -> None:
    """Bare or behind the flag, no reply raises, and the expert answers it."""
    for reply in (HOSTILE[name], f"{SCRIPT[position][1]} {HOSTILE[name]}"):
        session = Session(GAME, made(), dict.fromkeys(GAME.spec.roles, "any"))
        for said in [*TALK, SAME][:position]:
            session.reply(said)
        session.reply(reply)
        if session.role:
            session.reply(
                expert_pair(GAME, made(), 1.0, 0)[session.role](session.messages())
            )
