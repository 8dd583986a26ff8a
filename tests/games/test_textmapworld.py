"""Facts about textmapworld: rules, scores, players, recordings."""

import ast
import copy
import json
import math
import random
from typing import Any

import pytest

from games.checks.hostile import HOSTILE
from games.contract import Game, Instance
from games.registry import GAMES
from games.session import expert_pair, play_episode
from games.textmapworld.expert import recall
from games.textmapworld.house import read_house
from games.textmapworld.rules import find_good_steps, read_command
from games.textmapworld.templates import fill, read_gaps
from tests.games.noted import assert_noted
from tests.games.oracle import original
from tests.games.playing import play, score_episode, score_turns, take_notes

FAMILY = [GAMES[name] for name in GAMES if name.startswith("textmapworld")]
FOLDERS = {"textmapworld": "textmapworld_main"}
"""Where clembench keeps the instances of a game, if not under its name."""

# Den - Hall - Loft, and Bath north of the Hall; listed from west to east
MOVES = [
    {"node": "Den", "node_moves": [["east", "Hall"]]},
    {
        "node": "Hall",
        "node_moves": [["west", "Den"], ["north", "Bath"], ["east", "Loft"]],
    },
    {"node": "Bath", "node_moves": [["south", "Hall"]]},
    {"node": "Loft", "node_moves": [["west", "Hall"]]},
]
DATA = {"Moves": MOVES, "Current_Position": "Den"}
SHORT = {
    "Prompt": "In $INITIAL_ROOM$: $INITIAL_DIRECTIONS$.",
    "Player2_positive_answer": "Now $ANOTHER_ROOM$: $DIRECTIONS$.",
    "Player2_negative_answer": "Still $SAME_ROOM$: $DIRECTIONS$.",
}


def played(*replies: str, **changes: object) -> Any:
    """Return a master that has been given some replies."""
    return play(Instance("textmapworld", "small", "x", DATA | changes), *replies)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("GO: north", "north"),
        ("go:WEST", "WEST"),
        ("GO:\n east", "east"),
        ("DONE", "DONE"),
        ("done", "DONE"),
        ("GO: up", None),
        ("GO north", None),
        ("GO: north, east", None),
        ("GO: north\nGO: east", None),
        ("GO: north\nDONE", None),
        ("DONE.", None),
        ("I GO: north", None),
        ("", None),
    ],
)
def test_commands(text: str, command: str | None) -> None:
    """A reply is one command, in any case, and nothing else."""
    assert read_command(text) == command


def test_describer() -> None:
    """It tells rooms and doors, in the order of the instance; blocked moves too."""
    master = played(**SHORT)
    assert master.observe() == "In Den: east."
    master.step("GO: North")
    assert master.observe() == "Still Den: east."
    master.step("Go: East")
    assert master.observe() == "Now Hall: west, north, east."


def test_gaps_are_filled_once() -> None:
    """A room called like a gap stays as it is."""
    assert fill("$ANOTHER_ROOM$ $X$", "$DIRECTIONS$", ["north"]) == "$DIRECTIONS$ $X$"


def test_texts_are_read_backwards() -> None:
    """From a filled text come room, directions and goal; not from another text."""
    text = "Find $GOAL$. In $INITIAL_ROOM$: $INITIAL_DIRECTIONS$."
    filled = "Find Loft. In Den: north, east."
    assert read_gaps(text, filled) == ("Den", ["north", "east"], "Loft")
    assert read_gaps(SHORT["Player2_positive_answer"], filled) is None
    assert read_gaps("$SAME_ROOM$ or $SAME_ROOM$", "Den or Den") == ("Den", [], "")
    assert read_gaps("$SAME_ROOM$ or $SAME_ROOM$", "Den or Loft") is None


@pytest.mark.parametrize(
    ("replies", "outcome", "reason", "score"),
    [
        (
            ["GO: east", "GO: north", "GO: south", "GO: east", "DONE"],
            "success",
            "all visited",
            100,
        ),
        (["GO: east", "DONE"], "lose", "stopped early", 200 / 3),
        (["DONE"], "lose", "stopped early", 0),
        (["GO: west"] * 20, "aborted", "turn limit", math.nan),
        (["GO: west"] * 19 + ["DONE"], "lose", "stopped early", 0),
        (["GO: east", "GO: west"] * 10, "aborted", "turn limit", math.nan),
        (["GO: east", "I give up"], "aborted", "format", math.nan),
    ],
)
def test_ends(replies: list[str], outcome: str, reason: str, score: float) -> None:
    """DONE wins once all rooms are visited and else loses, with a score; 20 abort."""
    master = played(*replies)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert master.main_score == pytest.approx(score, nan_ok=True)


def test_blocked_moves_cost_rounds_but_no_efficiency() -> None:
    """A move towards no door is invalid and not counted as a move."""
    master = played("GO: north", "GO: east", "GO: south", "DONE")
    scores = score_episode(master)
    assert (scores["moves"], scores["blocked_moves"]) == (1, 2)
    assert (scores["efficiency"], scores["exploration"]) == (100, 50)


def test_episode_scores() -> None:
    """Seen rooms are behind doors; four places in a row of two rooms are a loop."""
    there_and_back = ["GO: east", "GO: west"] * 2
    scores = score_episode(played(*there_and_back, "DONE"))
    assert (scores["loops"], scores["seen"], scores["number_visited"]) == (2, 4, 2)
    assert (scores["efficiency"], scores["stopped"]) == (50, 1)
    aborted = score_episode(played(*there_and_back, "?"))
    assert aborted.keys() == scores.keys() and all(map(math.isnan, aborted.values()))


@pytest.mark.parametrize("game", FAMILY, ids=lambda game: game.spec.name)
def test_generated_instances_hold_what_clembenchs_scorer_reads(game: Game) -> None:
    """Rooms, doors and places as Python literals, and they are those of the moves."""
    variant = game.spec.variants[-1]
    for data in game.generate(variant, "test", 3, random.Random(0)):
        house = read_house(Instance(game.spec.name, variant, "x", data))
        nodes, edges, mapping = (
            ast.literal_eval(data[name])
            for name in ("Graph_Nodes", "Graph_Edges", "Mapping")
        )
        doors = {
            (room, other) for room, ways in house.items() for other in ways.values()
        }

        assert nodes == list(house)
        assert {*edges, *(edge[::-1] for edge in edges)} == doors
        assert sorted(mapping.values()) == sorted(nodes)


def test_notes() -> None:
    """A round is a reply; only a move through a door is noted, with both rooms."""
    notes = [
        (note.round, note.kind, note.content)
        for note in take_notes(played("GO:\neast", "go: south", "no"))
    ]
    assert notes == [
        (0, "parse", "GO:east"),
        (0, "Valid format", "Continue"),
        (0, "move", '{"old": "Den", "new": "Hall"}'),
        (1, "parse", "go: south"),
        (1, "Valid format", "Continue"),
        (2, "aborted", "abort game"),
    ]
    last = take_notes(played(*["GO: west"] * 20))[-1]
    assert (last.round, last.kind, last.content) == (19, "turns_limit", "20")


def test_turn_scores_count_moves() -> None:
    """An attempt at a missing door has no score, and the next move takes its number."""
    replies = ["GO: east", "GO: south", "GO: west", "GO: east", "DONE"]
    good = [one["effiencient_move"] for one in score_turns(played(*replies)).values()]
    assert good == [True, False, True]
    assert score_turns(played("no")) == {}


def test_plans() -> None:
    """Good first steps begin a shortest walk through all unvisited neighbours."""
    house = read_house(played().instance)
    assert find_good_steps(house, "Den", {"Den"}) == {"Hall"}
    assert find_good_steps(house, "Hall", {"Den", "Hall"}) == {"Bath", "Loft"}
    assert find_good_steps(house, "Bath", {"Den", "Hall", "Bath"}) == {"Hall"}
    assert find_good_steps(house, "Hall", {"Den", "Hall", "Bath"}) == {"Loft"}


@pytest.mark.parametrize("game", FAMILY, ids=lambda game: game.spec.name)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_replies_are_judged(game: Game, name: str) -> None:
    """Any text is judged, whatever stands before it."""
    data = game.generate(game.spec.variants[0], "train", 1, random.Random(0))[0]
    instance = Instance(game.spec.name, game.spec.variants[0], "x", data)
    graph = '{"action": "GO: east", "graph": {"nodes": ['
    edges = '], "edges": {' * 300
    for before in ("", "GO:", "DONE", graph, graph + edges, "{" * 900, '{"action": "'):
        master = game.master(instance)
        master.step((before + HOSTILE[name]).strip())
        score_episode(master)
        assert master.reason in ("format", "stopped early", "found", "wrong room", "")


@pytest.mark.parametrize("game", FAMILY, ids=lambda game: game.spec.name)
@pytest.mark.parametrize(("skill", "least", "most"), [(1, 1, 1), (0, 0, 0.15)])
def test_experts_win_by_skill(
    game: Game, skill: float, least: float, most: float
) -> None:
    """An expert always wins at skill 1 and hardly ever at 0."""
    won = [
        play_episode(game, i, expert_pair(game, i, skill, seed)).outcome == "success"
        for variant in game.spec.variants
        for seed, data in enumerate(
            game.generate(variant, "test", 15, random.Random(1))
        )
        for i in [Instance(game.spec.name, variant, f"{variant}-{seed}", data)]
    ]
    assert least <= sum(won) / len(won) <= most


@pytest.mark.parametrize("game", FAMILY, ids=lambda game: game.spec.name)
def test_experts_win_clembenchs_own_instances(game: Game) -> None:
    """All of its instances are playable, and its texts are understood."""
    for instance in original(game.spec.name):
        rooms = json.loads(instance.data["Graph_Nodes"].replace("'", '"'))
        assert read_house(instance).keys() == set(rooms)
        episode = play_episode(game, instance, expert_pair(game, instance, 1.0, 0))
        assert episode.outcome == "success", episode


def test_expert_knows_a_door_to_a_known_room() -> None:
    """Having gone around a square of rooms, it tries no door between them."""
    user, own = "Now {}: {}.", "GO: {}"
    heard = ["In A: north, east.", *map(user.format, "BCD", ["south, east"] * 3)]
    heard[2:] = ["Now C: west, south.", "Now D: north, west."]
    said = [own.format(way) for way in ("north", "east", "south")]
    texts = [text for pair in zip(heard, [*said, ""], strict=True) for text in pair]
    chat = [
        {"role": ("user", "assistant")[number % 2], "content": text}
        for number, text in enumerate(texts[:-1])
    ]
    prompt, entered = SHORT["Prompt"], SHORT["Player2_positive_answer"]
    explored = recall(chat, prompt, entered, lambda said: said.removeprefix("GO: "))
    assert explored.here == (1, 0)
    assert explored.find_next_step() is None


def test_copy_goes_on_independently() -> None:
    """A deep copy of a master can end while the original goes on."""
    master = played("GO: east")
    twin = copy.deepcopy(master)
    twin.step("GO: north")
    twin.step("DONE")
    assert twin.outcome == "lose"
    assert (master.outcome, master.role) == (None, "guesser")
    assert "Hall" in master.observe()


def test_notes_and_scores_of_moves_are_the_recorded_ones() -> None:
    """Each recorded episode is noted and scored as clembench did."""
    assert_noted("textmapworld")
