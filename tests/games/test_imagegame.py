"""imagegame: replies and scores by the letter of the rules, recordings, experts."""

import math
import random

import pytest

from games.contract import GameMaster, Instance, Outcome
from games.errors import InstanceError
from games.imagegame import GAME, rules
from games.imagegame.expert import obey, plan_commands
from games.kit.grids import BLANK, CELLS, EMPTY, find_filled, parse_grid, render_grid
from games.kit.regions import NAMED
from games.session import expert_pair, play_episode
from tests.games.noted import assert_noted
from tests.games.oracle import original
from tests.games.playing import play, score_episode, score_turns, take_notes

EMPTY_TEXT = render_grid(BLANK)
TARGET = EMPTY_TEXT.replace(EMPTY, "X", 4)
INSTANCE = Instance("imagegame", "compact_grids", "hand", {"target_grid": TARGET})


def played(*replies: str) -> GameMaster:
    """Return the master after some replies."""
    return play(INSTANCE, *replies)


def instances(variant: str, split: str, num: int) -> list[Instance]:
    """Return generated instances."""
    data = GAME.generate(variant, split, num, random.Random(3))
    return [Instance("imagegame", variant, str(i), one) for i, one in enumerate(data)]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("Command: put an X in the first row", None),
        ("COMMAND: put", None),
        ("command: done", Outcome.LOSE),
        ("Command :  DONE", Outcome.LOSE),
        ("Command: DONE.", None),
        ("Command:put an X", Outcome.ABORTED),
        ("Command:", Outcome.ABORTED),
        ("Put an X in the first row", Outcome.ABORTED),
        ("Command: one\nCommand: two", Outcome.ABORTED),
        ("Command: DONE\n\nWhat is your next command?", Outcome.ABORTED),
        ("", Outcome.ABORTED),
    ],
)
def test_the_giver_gives_one_line_after_its_tag(
    reply: str, outcome: Outcome | None
) -> None:
    """The tag needs a blank but no case; a second line aborts; DONE at once loses."""
    assert played(reply).outcome is outcome


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (TARGET, None),
        (TARGET.replace(" ", "\t"), None),
        (TARGET.replace("X", "x"), Outcome.ABORTED),
        (TARGET.replace(" ", ""), Outcome.ABORTED),
        (TARGET + "\nDone!", Outcome.ABORTED),
        ("Here it is:\n" + TARGET, Outcome.ABORTED),
        (TARGET.rsplit("\n", 1)[0], Outcome.ABORTED),
    ],
)
def test_the_follower_gives_nothing_but_a_grid(
    reply: str, outcome: Outcome | None
) -> None:
    """Capital letters, five rows of five, any single whitespace between cells."""
    assert played("Command: draw", reply).outcome is outcome


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        (TARGET, (100, 100, 100)),
        (EMPTY_TEXT.replace(EMPTY, "X", 3), (100, 75, 86)),
        (EMPTY_TEXT.replace(EMPTY, "X", 8), (50, 100, 67)),
        (EMPTY_TEXT.replace(EMPTY, "Y", 8), (0, 0, 0)),
        (EMPTY_TEXT, None),
        (TARGET.replace("X X", "X\nX", 1), (0, 0, 0)),
        (TARGET.replace("X X", "X\tX", 1), (0, 0, 0)),
        (f"{TARGET[:-2]}\t{EMPTY}", None),
    ],
)
def test_a_drawing_scores_by_its_cells(
    drawing: str, expected: tuple[int, int, int] | None
) -> None:
    """Precision, recall and their harmonic mean; none for an empty drawing.

    Cells that no blank separates are of the wrong shape: 0, if in the first row.
    """
    assert rules.compare(TARGET, drawing) == expected


def test_an_empty_drawing_keeps_the_score_before_it() -> None:
    """Erasing everything just before DONE does not lose the points."""
    master = played("Command: a", TARGET, "Command: b", EMPTY_TEXT, "Command: DONE")
    assert (master.outcome, master.main_score) == (Outcome.SUCCESS, 100)


def test_the_game_ends_after_fifty_rounds() -> None:
    """The fiftieth grid ends the episode, scored like any other."""
    master = played(*["Command: a", EMPTY_TEXT.replace(EMPTY, "X", 3)] * 50)
    assert (master.outcome, master.main_score) == (Outcome.LOSE, 86)
    assert master.reason == "turn limit"
    *_, last = take_notes(master)
    assert (last.round, last.kind) == (49, "game end")


def test_the_note_on_the_turn_limit_is_a_request() -> None:
    """Of the episode, and of its last round."""
    master = played(*["Command: a", TARGET] * 50)
    assert score_episode(master)["Request Count"] == 3 * 100 + 1 + 1
    turns = score_turns(master)
    assert [turns[n]["Request Count"] for n in ("0", "48", "49")] == [7, 6, 7]


def test_a_command_is_measured_between_single_blanks() -> None:
    """Two blanks make an empty token, and the tag of other versions is left out."""
    turn = score_turns(played("Command: Instruction: put  an X", TARGET))["0"]
    assert turn["Generated Expression Number of Tokens"] == 6
    assert turn["Generated Expression Length"] == len("Command:  put  an X")


def test_a_drawing_of_the_wrong_shape_changes_no_cell() -> None:
    """Neither against what was there before nor against what comes next."""
    tabbed = TARGET.replace("X X", "X\tX", 1)
    turns = score_turns(played("Command: a", tabbed, "Command: b", TARGET))
    assert [turn["Changed Cell Count"] for turn in turns.values()] == [0, 0]


def test_contexts_after_the_first_are_bare() -> None:
    """The giver is asked the question again, the follower gets the command."""
    master = played("Command: a", TARGET)
    assert master.observe() == "What is your next command?"
    master.step("Command: b")
    assert master.observe() == "Command: b"


def test_a_target_that_is_no_grid_is_refused() -> None:
    """An impossible or empty grid is an InstanceError, not a crash later."""
    for text in ("", "X X", EMPTY_TEXT):
        with pytest.raises(InstanceError, match="regenerate"):
            GAME.master(
                Instance("imagegame", "compact_grids", "x", {"target_grid": text})
            )


def test_compact_grids_take_at_most_four_commands() -> None:
    """Generated compact grids are described in one to four commands."""
    for instance in instances("compact_grids", "train", 40):
        plan = plan_commands(parse_grid(instance.data["target_grid"]))
        assert 1 <= len(plan) <= 4


def test_an_impossible_number_of_instances_is_refused() -> None:
    """A finite variant says how many it has."""
    with pytest.raises(InstanceError, match="lower instances"):
        GAME.generate("compact_grids", "test", 1000, random.Random(0))


@pytest.mark.parametrize("name", NAMED)
def test_every_named_region_is_understood(name: str) -> None:
    """The follower draws exactly what the giver's phrase names."""
    assert find_filled(obey(BLANK, f"Command: Put an X in {name}")) == NAMED[name]


@pytest.mark.parametrize(
    ("command", "cells"),
    [
        ("Put a Q in first row first column", {(0, 0)}),
        ("Put an A in row 1, second column", {(0, 1)}),
        ("put an x in the top left", {(0, 0)}),
        ("Fill rows 1 and 2 of column 3 with B", {(0, 2), (1, 2)}),
        ("Put an X in row 2, columns 1, 3 and 5", {(1, 0), (1, 2), (1, 4)}),
        ("Place V at (2, 3) and (4,5)", {(1, 2), (3, 4)}),
        ("Put X in the first three cells of the second row", {(1, 0), (1, 1), (1, 2)}),
        ("Put X in cell 3 of row 2", {(1, 2)}),
        ("Put an X in the middle cell", {(2, 2)}),
        ("Fill the first row and the last column with X",
         {c for c in CELLS if c[0] == 0 or c[1] == 4}),
        ("Write Z in the last two rows", {c for c in CELLS if c[0] > 2}),
        ("Write Z in the second to fourth columns", {c for c in CELLS if 0 < c[1] < 4}),
        ("Sing a song", set()),
    ],
)  # fmt: skip
def test_free_commands_are_understood(command: str, cells: set[tuple]) -> None:
    """The follower draws what a language model's command says, if it says anything."""
    assert find_filled(obey(BLANK, f"Command: {command}")) == cells


def test_cells_can_be_cleared() -> None:
    """A command without a letter that says "empty" erases."""
    grid = obey(parse_grid(TARGET), "Command: Empty the first column")
    assert find_filled(grid) == {(0, 1), (0, 2), (0, 3)}


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_skill_decides(variant: str) -> None:
    """Skilled pairs draw the target, unskilled ones never do."""
    means = {}
    for skill in (1.0, 0.0):
        played = [
            play_episode(GAME, instance, expert_pair(GAME, instance, skill, seed))
            for seed, instance in enumerate(instances(variant, "train", 25))
        ]
        means[skill] = sum(episode.main_score for episode in played) / 25
    assert means[1.0] >= 95
    assert means[0.0] < 50


def test_forms_are_clembenchs() -> None:
    """The instances of the benchmark state the very patterns that we match."""
    for instance in original("imagegame"):
        for key, pattern in (
            ("player_1_response_pattern", rules.COMMAND),
            ("player_1_terminate_pattern", rules.DONE),
            ("player_2_response_pattern", rules.GRID),
        ):
            assert instance.data[key] == pattern.pattern


def test_the_referee_notes_what_clembench_notes() -> None:
    """Notes, keys and turn scores are those of every recorded episode."""
    assert_noted("imagegame")


def test_an_aborted_round_has_no_turn_scores() -> None:
    """Nor has DONE; the rounds before keep theirs, and averages are undefined."""
    drawn = ["Command: a b", TARGET, "Command: c", EMPTY_TEXT]
    master = played(*drawn, "Command: d", "no grid")

    turns = score_turns(master)
    assert turns == score_turns(played(*drawn, "Command: DONE"))
    assert [turn["Changed Cell Count"] for turn in turns.values()] == [4, 4]
    assert [turn["F1"] for turn in turns.values()] == [100, 100]
    assert math.isnan(score_episode(master)["Average Changed Cell Count"])


@pytest.mark.parametrize(
    ("replies", "requests", "violated"),
    [
        (["Command: DONE"], 2, 0),
        (["hello"], 3, 1),
        (["Command: a", "hello"], 7, 1),
        (["Command: a", TARGET, "Command: DONE"], 9, 0),
        (["Command: a", TARGET, "hello"], 10, 1),
    ],
)
def test_requests_are_events(replies: list[str], requests: int, violated: int) -> None:
    """Three a reply; one for the follower's prompt; none for the note on DONE."""
    scores = score_episode(played(*replies))
    assert scores["Request Count"] == requests
    assert scores["Violated Request Count"] == violated
    assert scores["Parsed Request Count"] == requests - violated
    ratio = (requests - violated) / requests
    assert scores["Request Success Ratio"] == pytest.approx(ratio, abs=5e-5)


def test_nothing_drawn_has_no_averages() -> None:
    """DONE at once scores 0, and its averages over no rounds are undefined."""
    scores = score_episode(played("Command: DONE"))
    assert scores["F1"] == 0
    assert math.isnan(scores["Average Changed Cell Count"])
