"""Facts about clean_up: commands, penalties, ends, scores, contexts, experts."""

import math
import random
import re

import pytest

from games.checks.hostile import HOSTILE
from games.clean_up import GAME, list_secrets
from games.clean_up.generator import render
from games.clean_up.rules import (
    MOVE_PATTERN,
    SAY_PATTERN,
    Board,
    Move,
    Say,
    expect_distance,
    read_command,
    score_distance,
    score_penalties,
)
from games.clean_up.texts import P1, P2
from games.contract import GameMaster, Instance
from games.errors import InstanceError
from games.session import Session
from tests.games.playing import play, score_episode

BACKGROUND = render(frozenset((x, 3) for x in range(1, 8)))
DATA = {
    "background": BACKGROUND,
    "objects_1": [{"id": "C", "coord": [1, 1]}, {"id": "L", "coord": [2, 1]}],
    "objects_2": [{"id": "C", "coord": [1, 5]}, {"id": "L", "coord": [2, 5]}],
    "max_penalties": 2,
    "max_rounds": 3,
}
TEXTS = {
    "p1_initial_prompt": "One",
    "p2_initial_prompt": "Two: $start_message!",
    "intermittent_prompts": {
        "invalid_response": "Wrong: $reason\n",
        "message_relay": "Sent.\n",
        "command_prompt": "\nNext?",
        "new_turn_move": "It moved.",
        "new_turn": "It said <$turn_message>",
        "penalty_counter": "P$penalty\n",
        "penalty_reprompt": "Again!",
        "round_counter": "R$round\n",
    },
}
HI, MOVE = "SAY: hi", "MOVE: C, (1, 2)"
APART = ["SAY: hi", "MOVE: C, (7, 6)"]


def played(*replies: str, **changes: object) -> GameMaster:
    """Return a master that has been given some replies."""
    return play(Instance("clean_up", "0_easy_3obj_en", "x", DATA | changes), *replies)


@pytest.mark.parametrize(
    ("reply", "command"),
    [
        ("SAY: hello there", Say("hello there")),
        ("```\nSAY: hello\n```", Say("hello")),
        ("MOVE: C, (1, 2)", Move("C", (1, 2))),
        ("`MOVE: C, (1,2)`", Move("C", (1, 2))),
        ("MOVE: the C, (10, 02)", Move("the C", (10, 2))),
        ("MOVE: C, (1, " + "9" * 5000 + ")", Move("C", (1, 10**9))),
        ("MOVE: C (1, 2)", "invalid_format"),
        ("MOVE: C, 1, 2", "invalid_format"),
        ("MOVE: C, (1,  2)", "invalid_format"),
        ("MOVE: , (1, 2)", "invalid_format"),
        ("say: hello", "invalid_format"),
        ("SAY:", "invalid_format"),
        ("", "invalid_format"),
        ("Ok. SAY: hello", "head"),
        ("SAY: a SAY: b", "head"),
        ("SAY: a\nb", "tail"),
        ("MOVE: C, (1, 2).", "tail"),
        ("Ok. SAY: a\nb", "head_tail"),
        ("SAY: MOVE: C, (1, 2)", "several_commands"),
        ("MOVE: C, (1, 2)\nMOVE: L, (1, 3)", "head"),
    ],
)
def test_commands_are_read(reply: str, command: Say | Move | str) -> None:
    """One command with nothing around it, backticks aside."""
    assert read_command(reply, must_say=False) == command


def test_the_first_command_is_a_message() -> None:
    """A move or anything else is no start; two commands are still two."""
    assert (
        read_command(MOVE, must_say=True)
        == read_command("hi", must_say=True)
        == "invalid_start"
    )
    assert read_command(HI, must_say=True) == Say("hi")
    assert read_command(f"{MOVE} {HI}", must_say=True) == "several_commands"


def read_by_patterns(reply: str) -> Say | Move | str:
    """Read a command with the patterns of clembench's instances."""
    text = reply.replace("`", "").strip()
    say, move = (re.search(p, text, re.DOTALL) for p in (SAY_PATTERN, MOVE_PATTERN))
    if say and move:
        return "several_commands"
    match = say or move
    if not match:
        return "invalid_format"
    around = [name for name in ("head", "tail") if match[name]]
    if around:
        return "_".join(around)
    return (
        Say(say["message"])
        if say
        else Move(move["obj"], (int(move["x"]), int(move["y"])))
    )


def test_commands_are_read_as_by_the_patterns() -> None:
    """Whatever is put together from their parts is read as the patterns read it."""
    rng = random.Random(0)
    parts = [
        "SAY: ",
        "MOVE: ",
        "C",
        ", (1, 2)",
        ", (3,4)",
        ",",
        "\n",
        " ",
        "(",
        ")",
        "5",
    ]
    for _ in range(4000):
        text = "".join(rng.choices(parts, k=rng.randint(1, 9)))
        assert read_command(text, must_say=False) == read_by_patterns(text), repr(text)


@pytest.mark.parametrize(
    ("replies", "outcome", "reason"),
    [
        ([HI, HI, "SAY: finished?", "SAY: finished!"], "success", "finished"),
        ([HI, "SAY: finished?", "SAY: yes, finished!"], "success", "finished"),
        (["SAY: finished?", HI, HI, "SAY: finished!"], "success", "finished"),
        ([HI] * 6, "success", "round limit"),
        (["SAY: finished!", "SAY: finished!"] * 3, "success", "round limit"),
        (["SAY: finished? finished!"] * 2, "success", "finished"),
        ([*APART, *[HI] * 4], "lose", "too far apart"),
        ([*APART, "SAY: finished?", "SAY: finished!"], "lose", "too far apart"),
        (["hi"] * 3, "aborted", "penalties"),
        ([HI, "MOVE: X, (1, 2)", "MOVE: C, (1, 9)", "x"], "aborted", "penalties"),
        ([HI, "x", MOVE, "x", MOVE, "x"], "aborted", "penalties"),
    ],
)
def test_ends(replies: list[str], outcome: str, reason: str) -> None:
    """A question and its answer, the last round, or too many penalties end it."""
    far = [{"id": "C", "coord": [7, 5]}, {"id": "L", "coord": [7, 7]}]
    changes = {"objects_2": far} if replies[:2] == APART else {}
    master = played(*replies, **changes)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert math.isnan(master.main_score) == (outcome == "aborted")
    assert master.main_score == 0 or outcome != "lose"


def test_contexts() -> None:
    """Receipts come before news; counters and requests surround what is new."""
    master = played(**TEXTS)
    assert master.observe() == "One"
    master.step(MOVE)
    told = master.observe()
    assert told == "Wrong: begin with SAY.\n\nP1\nAgain!"
    master.step("SAY: hi $x")
    assert (master.role, master.observe()) == (P2, "Two: hi $x!")
    master.step("MOVE: C, (1, 3)")
    assert master.observe() == "Penalty: at (1, 3) there is '─'.\nP2\nAgain!"
    master.step("MOVE: C, (1, 4)")
    assert (master.role, master.observe()) == (P1, "Sent.\nR1\nP2\nIt moved.\nNext?")
    master.step("SAY: ok")
    told = master.observe()
    assert told.startswith("C is at (1, 4) now:\n 1234567\n╔═══════╗\n║◌")
    assert "\n║C◌◌◌◌◌◌║ 4\n" in told
    assert told.endswith("╚═══════╝\nR2\nP2\nIt said <ok>\nNext?")


def test_moves_need_an_empty_cell() -> None:
    """Frame, walls, objects and what is outside are no place to go."""
    board = Board(BACKGROUND, {"C": (1, 1), "L": (2, 1)})
    faults = {
        Move("C", (1, 2)): None,
        Move("c", (1, 2)): "obj_not_found",
        Move("C", (9, 1)): "out_of_bounds",
        Move("C", (8, 1)): "not_empty",
        Move("C", (0, 0)): "not_empty",
        Move("C", (1, 1)): "not_empty",
        Move("C", (2, 1)): "not_empty",
        Move("C", (4, 3)): "not_empty",
    }
    assert {move: board.find_fault(move) for move in faults} == faults


def test_scores() -> None:
    """Equal grids without penalties score 100; distance and penalties cost points."""
    assert expect_distance(1) == pytest.approx(80 / 27 * 2**0.5)
    expected = expect_distance(3)
    assert score_distance(5, 0, 3) == 1
    assert score_distance(5, 5, 3) == pytest.approx((1 - 5 / expected) / 2)
    assert score_distance(1, 5, 3) == pytest.approx((1 - 5 / expected) / 2)
    assert score_distance(99, expected + 0.1, 3) == 0
    assert [score_penalties(p, 8) for p in (0, 8)] == [1, 0.5]
    done = ["SAY: finished?", "MOVE: C, (1, 1)", HI, "MOVE: L, (2, 1)"]
    best = played(*done, HI, "SAY: finished!")
    assert best.main_score == 100
    found = score_episode(best)
    assert (found["Distance Score"], found["Penalty Score"]) == (1, 1)
    assert (found["Valid Moves"], found["Shifts"], found["Rounds"]) == (2, 1, 3)
    worse = played("x", "x", *done, HI, "SAY: finished!")
    assert worse.main_score == 50
    assert math.isnan(played(*"xxx").main_score)


@pytest.mark.parametrize(
    "changes",
    [
        {"background": "nothing"},
        {"objects_1": [{"id": "C"}]},
        {"objects_1": [{"id": "C", "coord": [1, 3]}, {"id": "L", "coord": [2, 1]}]},
        {"objects_1": [{"id": "C", "coord": [2, 1]}, {"id": "L", "coord": [2, 1]}]},
        {"objects_1": [{"id": "C", "coord": [0, 1]}, {"id": "L", "coord": [2, 1]}]},
        {"objects_1": [{"id": "X", "coord": [1, 1]}, {"id": "L", "coord": [2, 1]}]},
        {"objects_1": [{"id": "CC", "coord": [1, 1]}, {"id": "L", "coord": [2, 1]}]},
        {"objects_1": [{"id": "C", "coord": [1.5, 1]}, {"id": "L", "coord": [2, 1]}]},
        {"objects_1": []},
        {"objects_1": DATA["objects_2"]},
        {"max_rounds": 36},
        {"max_rounds": 0},
        {"max_penalties": 0},
        {"say_pattern": "SPEAK: .*"},
        {"restricted_patterns": ["x"]},
        {"modality": "image"},
    ],
)
def test_bad_instances_are_refused(changes: dict[str, object]) -> None:
    """What cannot be played by these rules is refused in a sentence."""
    with pytest.raises(InstanceError, match="clean_up instance x"):
        played(**changes)


CRAFTED = (
    "MOVE: " * 2**17,
    ", (1, 2)" + "MOVE: " * 2**17,
    ", (1, 2)" + "MOVE: x" * 2**16 + ", (" + "1" * 2**19,
    "SAY: \n" * 2**17,
    "MOVE: , (1, 2)" * 2**16,
    "MOVE: C, (" * 2**16,
    ", (" + "1" * 2**20,
    "SAY: " + "C at " * 2**17,
)


@pytest.mark.parametrize("text", [*HOSTILE.values(), *CRAFTED])
def test_any_text_is_judged(text: str) -> None:
    """No reply raises, and an expert answers whatever it hears."""
    for reply in (text, f"SAY: {text}", f"MOVE: C, ({text}"):
        master = played()
        master.step(reply)
        expert = GAME.expert(master.instance, master.role, 1.0, random.Random(0))
        prompt = Session(GAME, master.instance, {P1: "", P2: ""}).messages()
        first = prompt if master.role == P1 else []
        expert([*first, {"role": "user", "content": master.observe()}])


def test_the_other_grid_is_secret() -> None:
    """Each role must not be told the other's grid."""
    master = played(HI)
    assert list_secrets(master.instance, P1)[0] in master.observe()


def test_one_penalty_more_than_the_one_that_is_allowed_aborts() -> None:
    """There is no penalty score of twice as many penalties as are allowed."""
    assert math.isnan(played(*"xx", max_penalties=1).main_score)
