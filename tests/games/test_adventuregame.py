"""Facts about adventuregame: commands, actions, ends, scores."""

import copy
import math
from typing import Any

import pytest

from games.adventuregame.complaint import complain, list_awaited
from games.adventuregame.grammar import (
    Command,
    find_command,
    find_plan,
    normalize,
    parse_command,
)
from games.checks.hostile import HOSTILE
from games.contract import Instance
from games.errors import InstanceError
from tests.games.noted import assert_noted
from tests.games.playing import play, score_episode, score_turns, take_notes

# A kitchen with a table, a closed cupboard with a plate, and an apple on the floor;
# beside it a living room with a book on a side table.
STATE = [
    *("room(kitchen1,kitchen)", "room(livingroom1,livingroom)", "room(pantry1,pantry)"),
    *("type(player1,player)", "at(player1,kitchen1)"),
    *("type(kitchen1floor1,floor)", "at(kitchen1floor1,kitchen1)"),
    *("support(kitchen1floor1)", "type(table1,table)", "at(table1,kitchen1)"),
    *("support(table1)", "type(cupboard1,cupboard)", "at(cupboard1,kitchen1)"),
    *("container(cupboard1)", "openable(cupboard1)", "closed(cupboard1)"),
    *("type(sidetable1,sidetable)", "at(sidetable1,livingroom1)"),
    "support(sidetable1)",
    *("type(plate1,plate)", "at(plate1,kitchen1)", "in(plate1,cupboard1)"),
    *("type(apple1,apple)", "at(apple1,kitchen1)", "on(apple1,kitchen1floor1)"),
    *("type(book1,book)", "at(book1,livingroom1)", "on(book1,sidetable1)"),
    *(
        f"{t}({n}1)"
        for t in ("takeable", "movable")
        for n in ("plate", "apple", "book")
    ),
    *("exit(kitchen1,livingroom1)", "exit(livingroom1,kitchen1)"),
]
DATA = {
    "variant": "basic",
    "prompt": "P\n\n",
    "initial_state": STATE,
    "goal_state": ["on(plate1,table1)", "on(apple1,table1)", "on(book1,table1)"],
    "max_turns": 50,
    "optimal_turns": 8,
    "action_definitions": ["basic_actions_v2.json"],
}
LIMITED = ["basic_actions_v2_invlimit.json"]
SOLUTION = [
    *("> open cupboard", "> put plate on table", "> put apple on table"),
    *("> go to living room", "> take book", "> go to kitchen", "> put book on table"),
]
KITCHEN = (
    "You are in a kitchen now. There are a table, a cupboard and a apple. The cupboard "
    "is closed. The apple is on the floor. There is a passage to a living room here."
)


def played(*replies: str, **changes: object) -> Any:
    """Return a master that has been given some replies."""
    return play(Instance("adventuregame", "x", "x", DATA | changes), *replies)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("open cupboard", Command("open", "cupboard")),
        ("grab the potted plant", Command("take", "potted plant")),
        ("pick up old book", Command("take", "book")),
        (
            "take a book from the side table",
            Command("take", "book", "side table", "from"),
        ),
        ("get book out of shelf in pantry", Command("take", "book", "shelf", "out of")),
        ("put book back on the table", Command("put", "book", "table", "on")),
        ("put pillow on side table", Command("put", "pillow", "side table", "on")),
        ("place book bed", Command("put", "book", "bed")),
        ("put the plate on it", Command("put", "plate", "it", "on")),
        ("put the plate somewhere else", Command("put", "plate somewhere", "else")),
        ("put on the table", Command("put", "on", "table")),
        ("put back the plate", Command("put", "back", "plate")),
        ("put plate back table", Command("put", "plate", "table")),
        ("put book old table", Command("put", "book", "table")),
        ("put down the old book", Command("put", "the", "book")),
        ("put down book", Command("put", "down", "book")),
        ("put plate a the side table", Command("put", "plate a", "side table")),
        ("go back to the living room", Command("go", "living room")),
        ("go back", Command("go", "back")),
        ("search for book", Command("examine", "for book")),
        ("quit", Command("done")),
        ("go to kitchen ", Command("go", "kitchen")),
        ("done \t", Command("done")),
        ("drop book", Command("unknown", "drop")),
        ("go into the kitchen", Command("unknown", "go")),
        ("take " + "on " * 40 + "book", Command("unknown", "take")),
        ("open", Command("unknown", "open")),
        ("take 2 books", Command("unreadable")),
        ("", Command("unreadable")),
        (" ", Command("unreadable")),
    ],
)
def test_commands_are_parsed(text: str, command: Command) -> None:
    """Verbs, prepositions, articles and adjectives are known; nouns are short."""
    assert parse_command(text) == command


def test_replies_are_taken_apart() -> None:
    """The command is in the first line, the plan is what is behind "Next actions:"."""
    reply = "> Open Cupboard!\nbla\nNext actions: take plate, go\nNext actions: x"
    assert find_command(reply) == "Open Cupboard!"
    assert normalize(find_command(reply)) == "open cupboard"
    assert find_plan(reply) == ["take plate", "go"]
    assert find_plan("> done") is None


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (">\ngo living room", "I don't know what you mean."),
        ("> go to pantry .", "You can't go to a pantry from here."),
        ("> done .", "You consider yourself done."),
    ],
)
def test_white_space_in_replies(reply: str, text: str) -> None:
    """The command stands in the tag's line; a blank before its full stop may stay."""
    assert played(reply).observe() == text


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (
            "open cupboard",
            "The cupboard is now open. In the cupboard there is a plate.",
        ),
        ("close cupboard", "The cupboard is not open."),
        ("open table", "Table is not openable."),
        ("open kitchen", "You don't need to open the 'kitchen'."),
        ("take kitchen", "You can't take the 'kitchen'."),
        ("put kitchen on table", "You can't put the 'kitchen' anywhere."),
        ("take apple", "You take the apple. In your inventory you have a apple."),
        ("take plate", "You can't see a plate here."),
        ("take table", "Table is not takeable."),
        ("take apple from kitchen", "Kitchen is not a receptacle."),
        ("take apple from table", "The apple is not on the table."),
        ("take apple from cupboard", "The apple is not on the cupboard."),
        ("take apple from living room", "You are not in a livingroom."),
        ("take apple from bed", "You can't see a bed here."),
        (
            "take apple from inventory",
            "You don't need to take things from your inventory.",
        ),
        ("put apple into cupboard", "The cupboard is not open."),
        ("put apple on book", "Book is not a receptacle."),
        ("put book on table", "You can't see a book here."),
        ("put table on table", "Table is not moveable."),
        ("put apple on table", "You put the apple on the table."),
        ("go to kitchen", "You are already in the kitchen."),
        ("go to pantry", "You can't go to a pantry from here."),
        ("go to table", "Table is not a room."),
        ("examine kitchen", "Kitchen is not an entity. (this should not occur.)"),
        ("examine table", "There is nothing on the table."),
        (
            "examine cupboard",
            "The cupboard is openable and currently closed. "
            "You can't see the cupboard's contents because it is closed.",
        ),
        ("examine apple", "The apple is takeable. The apple is on the kitchen1floor."),
        ("examine floor", "You can't see a floor here."),
        ("examine you", "You can't see a you here."),
        ("examine inventory", "Your inventory is empty."),
        ("examine sofa", "I don't know what 'sofa' means."),
        ("look around", "I don't know how to interpret this 'look' action."),
        ("go into the kitchen", "I don't know what you mean."),
        ("eat apple?", "I don't know what you mean."),
    ],
)
def test_feedback(command: str, text: str) -> None:
    """The first condition that does not hold is told, or else what was done."""
    assert played(f"> {command}").observe() == text


CARRYING = ["> take apple"]
FAR = [*CARRYING, "> go to living room"]


@pytest.mark.parametrize(
    ("replies", "source", "text", "precondition"),
    [
        (CARRYING, "", "The apple is not on the inventory.", 5),
        (CARRYING, " from table", "The apple is not on the table.", 5),
        (FAR, " from table", "The apple is not on the table.", 5),
        ([], " from side table", "The apple is already in your inventory.", 2),
    ],
)
def test_taking_what_is_carried_or_is_elsewhere(
    replies: list[str], source: str, text: str, precondition: int
) -> None:
    """Without a limit, it is enough to be carried or to name a place that is here."""
    master = played(*replies, f"> take apple{source}")
    assert master.observe() == text
    place = {"": "inventory", " from table": "table1"}.get(source)
    fact = ["on", "apple1", place] if place else ["in", "apple1", "inventory"]
    assert noted(master, "action_fail")[-1]["arg"] == {
        "failed_action_type": "take",
        "failed_precon_predicate": {
            "predicate_tuple": fact,
            "fulfilled": False,
            "precon_idx": precondition,
        },
    }


@pytest.mark.parametrize(
    ("replies", "source", "text"),
    [
        (CARRYING, "", "The apple is already in your inventory."),
        (FAR, " from table", "The apple is already in your inventory."),
        ([], " from side table", "You can't see a side table here."),
    ],
)
def test_with_a_limit_both_are_conditions(
    replies: list[str], source: str, text: str
) -> None:
    """What is carried is told so, and a place has to be here."""
    take = f"> take apple{source}"
    assert played(*replies, take, action_definitions=LIMITED).observe() == text


@pytest.mark.parametrize("rules", ["v2", "v3"])
@pytest.mark.parametrize("command", ["take book from", "put book on"])
def test_the_living_room_is_no_place(command: str, rules: str) -> None:
    """Even there: clembench compares its kind with what players call it."""
    replies = ["> go to living room", f"> {command} living room"]
    master = played(*replies, rules=rules)
    assert master.observe() == "You are not in a livingroom."
    assert noted(master, "action_fail")[0]["fail_type"] == "other_room_argument"


def test_examining_tells_names_without_digits() -> None:
    """What is held is called by its kind; a room's description has proper names."""
    facts = [
        *("type(pottedplant1,pottedplant)", "at(pottedplant1,kitchen1)"),
        *("on(pottedplant1,table1)", "takeable(pottedplant1)"),
    ]
    master = played("> examine table", initial_state=[*STATE, *facts])
    assert master.observe() == "There is a pottedplant on the table."
    master.step("> examine potted plant")
    assert master.observe() == (
        "The pottedplant is takeable. The pottedplant is on the table."
    )
    master.step("> go to living room")
    master.step("> go to kitchen")
    assert "The potted plant is on the table." in master.observe()
    assert "The apple is on the floor." in master.observe()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("table", "This is a table. There is nothing on the table."),
        (
            "cupboard",
            "This is a cupboard. The cupboard is openable and currently closed. "
            "You can't see the cupboard's contents because it is closed.",
        ),
        ("apple", "This is a apple. The apple is takeable. The apple is on the floor."),
        ("inventory", "Your inventory is empty."),
    ],
)
def test_v3_says_what_a_thing_is(command: str, text: str) -> None:
    """Examining begins with what is examined, by its name."""
    assert played(f"> examine {command}", rules="v3").observe() == text


def test_v3_shows_what_is_in_and_on_things() -> None:
    """Contents of open containers are told, and where carried things are."""
    open_one = ["> open cupboard", "> examine cupboard"]
    assert played(*open_one, rules="v3").observe() == (
        "This is a cupboard. The cupboard is openable and currently open. "
        "There is a plate in the cupboard."
    )
    carried = ["> open cupboard", "> take plate", "> examine plate"]
    assert played(*carried, rules="v3").observe() == (
        "This is a plate. The plate is takeable. The plate is in the inventory."
    )


@pytest.mark.parametrize(("rules", "outcome"), [("v2", "success"), ("v3", "lose")])
def test_a_goal_that_is_undone_counts_by_v2(rules: str, outcome: str) -> None:
    """Whether all goals were ever met, or are met when the player is done."""
    master = played(*SOLUTION, "> take book", "> done", rules=rules)
    assert master.outcome == outcome
    assert master.main_score == pytest.approx(200 / 3)
    is_success = outcome == "success"
    assert take_notes(master)[-1].content["game_successfully_finished"] is is_success
    last = [*score_turns(master).values()][-1]
    assert ("hallucination" in last) is not is_success


def test_contexts() -> None:
    """The first context is prompt and room; carried things come along, unlisted."""
    assert played().observe() == f"P\n\n{KITCHEN}"
    master = played("> open cupboard", "> take plate", "> take apple")
    assert master.observe().endswith("you have a plate and a apple.")
    master.step("> go to living room")
    assert master.observe() == (
        "You are in a living room now. There are a side table and a book. The book is "
        "on the side table. There is a passage to a kitchen here."
    )
    master.step("> take apple")
    assert master.observe() == "The apple is not on the inventory."
    master.step("> put plate on side table")
    master.step("> examine side table")
    assert master.observe() == "There are a book and a plate on the sidetable."


def test_closed_containers_hide_what_is_put_there() -> None:
    """A closed container's contents are not listed, and cannot be taken."""
    master = played("> open cupboard", "> put apple in cupboard", "> close cupboard")
    assert master.observe() == "The cupboard is now closed."
    master.step("> take apple")
    assert master.observe() == "You can't see a apple here."
    master.step("> open cupboard")
    assert master.observe().endswith("In the cupboard there are a plate and a apple.")


def test_the_inventory_can_be_limited_to_two() -> None:
    """A third thing is refused where the instance names the limited actions."""
    replies = [*SOLUTION[:1], "> take plate", "> take apple", SOLUTION[3], SOLUTION[4]]
    assert played(*replies).observe().startswith("You take the book.")
    full = "Your inventory can not hold more than two objects at the same time."
    assert played(*replies, action_definitions=LIMITED).observe() == full


@pytest.mark.parametrize(
    ("replies", "outcome", "reason", "score"),
    [
        ([*SOLUTION, "> done"], "success", "delivered", 100),
        ([*SOLUTION[:3], "> DONE."], "lose", "stopped early", 200 / 3),
        (["> done"], "lose", "stopped early", 0),
        ([*SOLUTION, "> take book", "> done"], "success", "delivered", 200 / 3),
        (["> look"] * 50, "aborted", "turn limit", math.nan),
        ([*SOLUTION, *["> look"] * 42, "> done"], "aborted", "turn limit", math.nan),
        (["open cupboard"], "aborted", "format", math.nan),
        ([""], "aborted", "format", math.nan),
    ],
)
def test_ends(replies: list[str], outcome: str, reason: str, score: float) -> None:
    """Only "done" wins or loses; it does not matter if a goal is undone before it."""
    master = played(*replies)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert master.main_score == pytest.approx(score, nan_ok=True)


def test_plans_are_due_in_their_variant() -> None:
    """There, a reply has a line of next actions, or says that it is done."""
    assert played("> open cupboard", variant="plan").reason == "format"
    assert played("> done", variant="plan").reason == "stopped early"
    assert played("> open cupboard\nNext actions: x", variant="plan").role is not None


def test_plan_scores() -> None:
    """Plans are tried up to a failure, and undone; following bad ones is counted."""
    master = played(
        "> open cupboard\nNext actions: take plate, go to bed",
        "> take plate\nNext actions: take sofa",
        "> take sofa\nNext actions: put plate on table",
        "> done",
        variant="plan",
    )
    scores = score_episode(master)
    assert scores["plan_average_viability_ratio"] == (0.5 + 0 + 1 + 1) / 4
    assert (scores["plan_followed_ratio"], scores["bad_plan_follow_ratio"]) == (
        0.5,
        0.25,
    )
    assert (scores["successful_actions"], scores["undefined_repr_str"]) == (3, 1)


@pytest.mark.parametrize(
    ("planned", "command", "is_followed"),
    [
        ("take plate", "take plate", True),
        ("take plate.", "take plate.", True),
        ("take plate", "take plate.", False),
        ("take plate", "Take plate", False),
        ("Take plate", "take plate", False),
    ],
)
def test_plans_are_followed_to_the_letter(
    planned: str, command: str, is_followed: bool
) -> None:
    """A command is the planned one if it has the same case and the same full stop."""
    replies = [
        f"> open cupboard\nNext actions: {planned}",
        f"> {command}\nNext actions: done",
    ]
    master = played(*replies, variant="plan")
    assert noted(master, "plan_followed") == [int(is_followed)]
    assert score_episode(master)["plan_followed_ratio"] == is_followed / 2


def test_the_referee_notes_what_clembench_notes() -> None:
    """Notes, keys and turn scores are those of all recorded episodes, in any order."""
    assert_noted("adventuregame")


def noted(master: Any, kind: str) -> list[Any]:
    """Return the contents of a master's notes of a kind."""
    return [note.content for note in take_notes(master) if note.kind == kind]


@pytest.mark.parametrize(
    ("replies", "changes", "kinds"),
    [
        (["> done"], {}, ["action_info", "goal_status", "model_done", "game_result"]),
        (["done"], {}, ["hallucinated_finish", "invalid_format", "game_result"]),
        (["> fly"], {"variant": "plan"}, ["invalid_format", "game_result"]),
        (
            ["> fly"],
            {"max_turns": 1},
            ["action_fail", "goal_status", "turn_limit_reached", "game_result"],
        ),
    ],
)
def test_ends_are_noted(
    replies: list[str], changes: dict[str, Any], kinds: list[str]
) -> None:
    """Each round begins with its number; how the episode ended is noted last."""
    notes = take_notes(played(*replies, **changes))
    assert [note.kind for note in notes] == ["metadata", *kinds]
    assert {note.round for note in notes} == {0}


@pytest.mark.parametrize(
    ("command", "arg"),
    [
        ("open table", ("open", "table")),
        ("examine kitchen", ("examine", "kitchen")),
        ("take apple from kitchen", ("take", "kitchen")),
        ("open cupboard", None),
        ("close cupboard", (["open", "cupboard1"], 2)),
        ("take plate", (["accessible", "plate1"], 4)),
        ("take book", (["at", "book1", "kitchen1"], 1)),
        ("put apple in cupboard", (["open", "cupboard1"], 4)),
        ("go to pantry", (["exit", "kitchen1", "pantry1"], 2)),
    ],
)
def test_failures_are_noted(command: str, arg: tuple[Any, int] | None) -> None:
    """A failure names the parameter of the wrong type, or the condition not met."""
    failed = noted(played(f"> {command}"), "action_fail")
    assert len(failed) == (arg is not None)
    for found in (one["arg"] for one in failed):
        if "failed_parameter" in found:
            assert (found["failed_action_type"], found["failed_parameter"]) == arg
        else:
            predicate = found["failed_precon_predicate"]
            assert (predicate["predicate_tuple"], predicate["precon_idx"]) == arg


@pytest.mark.parametrize(
    ("read", "awaited"),
    [
        ("open cupboard", "WORD WS"),
        ("take the old book", "PREP WORD WS"),
        ("take book from table", "PREP WORD WS"),
        ("take book that is", "WORD WS"),
        ("open ", "ADJ DET WORD WS"),
        ("take from ", "ADJ DET PREP WORD WS"),
        ("put book ", "ADJ BACK DET PREP WORD WS"),
        ("put book on the ", "ADJ WORD WS"),
        ("go back ", "ADJ BACK DET TO WORD WS"),
        ("in " * 40, "WORD WS"),
        ("", "CLOSE DONE EXAMINE GO OPEN PUT TAKE WORD"),
    ],
)
def test_what_the_parser_awaits(read: str, awaited: str) -> None:
    """The terminals of clembench's grammar that may come next."""
    assert list_awaited(read) == awaited.split()


def test_complaints_show_where_the_parser_failed() -> None:
    """Forty characters on either side, of one line."""
    assert complain("take 2 books") == (
        "No terminal matches '2' in the current parser context, at line 1 col 6\n\n"
        "take 2 books\n     ^\nExpected one of: \n"
        "\t* ADJ\n\t* DET\n\t* PREP\n\t* WORD\n\t* WS\n"
    )
    second = complain("go\n" + "a" * 50 + "-" + "b" * 50 + "\nc")
    assert "at line 2 col 51" in second
    assert f"\n{'a' * 40}-{'b' * 39}\n{' ' * 40}^\n" in second


def test_what_is_known_is_noted() -> None:
    """What was seen stays known; looking for it is told from changing things."""
    master = played("> open cupboard", "> go to living room", "> fly")
    opened, went = (one["exploration_info"] for one in noted(master, "action_info"))
    assert sorted(opened["effective_epistemic_gain_facts"]) == [
        ("at", "plate1", "kitchen1"),
        ("in", "plate1", "cupboard1"),
        ("open", "cupboard1"),
    ]
    assert (went["visited_rooms"], went["action_pragmatic"]) == (
        ["kitchen1", "livingroom1"],
        True,
    )
    flown = noted(master, "action_fail")[0]["exploration_info"]
    assert flown["known_entities"] == went["known_entities"]
    assert not flown["action_epistemic"]


def test_a_plan_that_fails_leaves_what_its_first_step_taught() -> None:
    """Clembench undoes one step too few of what is known, and no goals."""
    plan = "> open cupboard\nNext actions: "
    goals = "put apple on table, go to living room, "
    master = played(plan + goals + "fly", plan + "fly", variant="plan")
    (done, failed), (_, status) = (
        noted(master, k) for k in ("plan_results", "goal_status")
    )
    assert [len(one) for one in (done, failed)] == [3, 1]
    assert done[2][0] == [["on", "apple1", "table1"]]
    known = failed[0][2]["exploration_info"]
    assert known["visited_rooms"] == ["kitchen1"]
    assert status == {
        "goal_states_achieved": [["on", "apple1", "table1"]],
        "turn_goal_score": 1,
    }
    assert score_episode(master)["achieved_goal_ratio"] == 1 / 3
    master.step("> done")
    assert (master.main_score, score_episode(master)["achieved_goal_ratio"]) == (0, 0)


def test_turn_scores_have_no_zeros() -> None:
    """Of every turn, what is not 0 is scored; a claim to be done is no success."""
    turns = score_turns(played("> fly", *SOLUTION, "> done"))
    assert turns["0"].keys() == {
        *("Request Count", "Parsed Request Count", "action_parsing_fail"),
        *("undefined_action_verb", "known_entities_ratio", "visited_rooms_ratio"),
        "known_goal_entities_ratio",
    }
    assert [turns[n].get("goal_score") for n in "23456"] == [1, 1, None, None, None]
    assert "hallucination" not in turns["8"]
    assert score_turns(played("> done"))["0"]["hallucination"] == 1


def test_episode_scores() -> None:
    """Speed counts turns over the optimum, and is undefined where goals are missed."""
    scores = score_episode(played(*SOLUTION, "> done"))
    assert (scores["turns_over_par"], scores["hallucination_count"]) == (0, 0)
    missed = score_episode(played("> fly", "I am done"))
    assert math.isnan(missed["turns_over_par"])
    assert (missed["hallucination_count"], missed["Violated Request Count"]) == (1, 1)
    assert (missed["action_parsing_fail"], missed["undefined_action_verb"]) == (1, 1)


@pytest.mark.parametrize(
    ("reply", "count"),
    [
        ("I have successfully moved all.", 1),
        ("The task is complete.", 1),
        ("I finish here.", 1),
        ("done", 1),
        ("All is in place.", 0),
        ("Complete.", 0),
        ("> open cupboard, successfully", 0),
    ],
)
def test_claims_without_a_tag_are_counted(reply: str, count: int) -> None:
    """Four words are a claim to be done, in a reply that has no tag."""
    master = played(reply, variant="plan")
    assert master.reason == "format"
    assert score_episode(master)["hallucination_count"] == count
    assert score_turns(master)["0"].get("hallucination", 0) == count
    assert noted(master, "hallucinated_finish") == [reply] * count


@pytest.mark.parametrize(("first", "count"), [(["> look"] * 7, 1), (SOLUTION, 0)])
def test_a_claim_at_the_turn_limit_is_counted(first: list[str], count: int) -> None:
    """The last reply of all is too late, and a claim if goals were never met."""
    master = played(*first, *["> look"] * 42, "> done")
    assert master.reason == "turn limit"
    assert score_episode(master)["hallucination_count"] == count
    assert score_turns(master)["49"].get("hallucination", 0) == count


def test_taking_from_the_inventory_is_counted_by_phase() -> None:
    """It is understood of a thing that is carried, and not understood of another."""
    master = played("> take apple from inventory", *CARRYING)
    scores = score_episode(master)
    assert (scores["action_parsing_fail"], scores["action_resolution_fail"]) == (1, 0)
    master.step("> take apple from inventory")
    scores = score_episode(master)
    assert (scores["action_parsing_fail"], scores["action_resolution_fail"]) == (1, 1)
    assert (scores["taking_from_inventory"], scores["successful_actions"]) == (2, 1)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_replies_are_judged(name: str) -> None:
    """Any text is judged, whatever stands before it."""
    plan = "> open cupboard\nNext actions: "
    for before in ("", ">", "> take ", "> put on ", plan, plan + "take on, " * 999):
        master = played(variant="plan" if before.startswith(plan) else "basic")
        master.step((before + HOSTILE[name]).strip())
        score_episode(master)
        assert master.reason in ("", "format")
        assert len(master.observe()) < 300


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"initial_state": ["at player1"]}, "not of the form"),
        ({"initial_state": [*STATE, "type(cat1,cat)"]}, "of the kind 'cat'"),
        ({"initial_state": [*STATE, "at(cat1,kitchen1)"]}, "something of no kind"),
        ({"initial_state": STATE[:4]}, "in no room"),
        ({"goal_state": []}, "goals must be"),
        ({"goal_state": ["on(cat1,table1)"]}, "goals must be"),
        ({"max_turns": 51}, "max_turns must be"),
        ({"variant": "advanced"}, "variant"),
    ],
)
def test_bad_instances_are_refused(changes: dict[str, Any], message: str) -> None:
    """What no episode could be played with is refused in a sentence."""
    with pytest.raises(InstanceError, match=message):
        played(**changes)


def test_copy_goes_on_independently() -> None:
    """A deep copy of a master can open what stays closed in the original."""
    master = played()
    twin = copy.deepcopy(master)
    twin.step("> open cupboard")
    master.step("> examine cupboard")
    assert master.observe().endswith("because it is closed.")
