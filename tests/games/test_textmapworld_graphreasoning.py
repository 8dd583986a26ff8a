"""Facts about textmapworld_graphreasoning: replies, drawings, recordings."""

import json
import math
import random
from typing import Any

import networkx
import pytest

from games.contract import Instance
from games.session import expert_pair, play_episode
from games.textmapworld import GRAPHREASONING as GAME
from games.textmapworld import similarity as module
from games.textmapworld.generator import HOUSES, draw_house
from games.textmapworld.house import list_edges
from games.textmapworld.rules import read_command_and_graph
from games.textmapworld.similarity import (
    Graph,
    compare,
    count_edits,
    read_graph,
)
from tests.games.noted import assert_noted
from tests.games.playing import play, score_episode, take_notes
from tests.games.test_textmapworld import DATA

EMPTY = {"nodes": [], "edges": {}}
WHOLE = {
    "nodes": ["Den", "Hall", "Bath", "Loft"],
    "edges": {"north": [["Hall", "Bath"]], "east": [["Den", "Hall"], ["Hall", "Loft"]]},
}


def reply(action: str, graph: Any = EMPTY) -> str:
    """Return a reply in the game's format."""
    return json.dumps({"action": action, "graph": graph})


def played(*replies: str) -> Any:
    """Return a master that has been given some replies."""
    return play(Instance("textmapworld_graphreasoning", "small", "x", DATA), *replies)


def random_graph(rng: random.Random) -> Graph:
    """Return a graph of up to five nodes."""
    nodes = "abcde"[: rng.randint(0, 5)]
    pairs = [(a, b) for a in nodes for b in nodes if a < b]
    edges = rng.sample(pairs, rng.randint(0, len(pairs)))
    return Graph(frozenset(nodes), frozenset(map(frozenset, edges)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (reply("GO: north"), ("north", EMPTY)),
        (reply("GO: North"), ("North", EMPTY)),
        (reply("go: north").replace(" ", "\n"), ("north", EMPTY)),
        (reply("GO: north").replace(", ", ",\n"), ("north", EMPTY)),
        (reply("GO: north", WHOLE).replace("[[", "[("), None),
        (reply("DONE"), ("DONE", None)),
        (reply("DONE").replace("action", "Action"), ("DONE", None)),
        (reply("GO: north").replace("action", "Action"), None),
        (reply("DONE", WHOLE).replace("[[", "[("), ("DONE", None)),
        (reply("DONE DONE"), None),
        (reply("GO: up"), None),
        ("GO: north", None),
        ("DONE", None),
        (reply("GO: north") + ".", None),
        (reply("GO: north").replace('"', "'"), None),
        (reply("GO: north", {"edges": {}, "nodes": []}), None),
        (reply("GO: north", {"nodes": []}), None),
        (reply("GO: north", {"nodes": ["x" * 4000], "edges": {}}), None),
        ('{"action": "GO: north", "graph": {"nodes": [x], "edges": {}}}', None),
        ('{"action": "GO: north", "graph": {"nodes": [], "edges": {[]}}}', None),
        ('{"action": "GO: east", "graph": {"nodes": ["\\d"], "edges": {"x": {}}}}', 1),
        (
            '{"action": "GO: east", "graph": {"nodes": [], "edges": {}}, "x": {{}}}',
            None,
        ),
        (
            '{"action": "GO: east", "graph": {"nodes": [], "edges": {}}, "x": {1:{}}}',
            None,
        ),
    ],
)
def test_replies(text: str, expected: Any) -> None:
    """Action and graph in this order; a move's whole reply is a Python literal."""
    parsed = read_command_and_graph(text)
    assert parsed == expected or (expected == 1 and parsed[0] == "east")


def test_a_capital_direction_is_no_door() -> None:
    """Here a direction is taken to the letter; the command is not."""
    assert "no such door" in played(reply("GO: East")).observe()
    assert "You enter the Hall" in played(reply("go:east")).observe()


def test_ends() -> None:
    """DONE comes as an action; anything else aborts, with no scores."""
    walk = [reply(f"GO: {way}") for way in ("east", "north", "south", "east")]
    won = played(*walk, reply("DONE"))
    assert (won.outcome, won.main_score) == ("success", 100)
    aborted = played("DONE")
    assert aborted.outcome == "aborted"
    assert all(map(math.isnan, score_episode(aborted).values()))


def test_the_last_moves_drawing_counts() -> None:
    """100 for the whole house; the drawing that comes with DONE is not looked at."""
    won = played(reply("GO: east", WHOLE), reply("DONE"))
    assert score_episode(won)["graph_similarity"] == 100
    lost = played(reply("GO: east", {"nodes": ["Den"], "edges": {}}), reply("DONE"))
    expected = 100 * (1 - math.tanh((3 + 3) / 4))
    assert score_episode(lost)["graph_similarity"] == pytest.approx(expected)
    odd = played(reply("GO: east", {"nodes": [1], "edges": {}}), reply("DONE"))
    assert score_episode(odd)["graph_similarity"] == 0
    nothing = {"nodes": [1], "edges": {}}
    blocked = played(
        reply("GO: east", WHOLE), reply("GO: south", nothing), reply("DONE")
    )
    assert score_episode(blocked)["graph_similarity"] == 100
    assert score_episode(played(reply("DONE")))["graph_similarity"] == 0
    assert score_episode(played(reply("DONE"))).keys() == aborted_scores()


def test_names_in_a_drawing_are_read_in_small_letters() -> None:
    """As clembench does: "Den" and "den" are one room, and more than a pair a pair."""
    edges = {"north": [["den", "Hall", "x"]], "south": [("HALL", "Den")]}
    graph = read_graph({"nodes": ["Den"], "edges": edges})
    assert graph == Graph(frozenset(("den", "hall")), frozenset([graph.nodes]))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (reply("GO: east"), ["parse", "Valid format", "move", "graph"]),
        (reply("GO: west"), ["parse", "Valid format"]),
        (reply("DONE"), ["parse", "stop"]),
        (reply("GO: east") + ".", ["aborted"]),
        (reply("GO: east").replace("[]", "[x]"), ["parse", "aborted"]),
        ("GO: east", ["aborted"]),
        ("x" * 4001, ["aborted"]),
    ],
)
def test_notes(text: str, kinds: list[str]) -> None:
    """A reply in the right form is parsed, even if its drawing cannot be read."""
    assert [note.kind for note in take_notes(played(text))] == kinds


@pytest.mark.parametrize("node", ['{"a", "b"}', "0x" + "f" * 3800, 'b"x"', "1j"])
def test_odd_drawings_are_not_written(node: str) -> None:
    """What Python writes in no one way is played on, and noted as nothing."""
    master = played(reply("GO: east").replace("[]", f"[{node}]"))
    assert master.role is not None
    *_, last = take_notes(master)
    assert (last.kind, last.content) == ("graph", "")


def aborted_scores() -> set[str]:
    """Return the names of an aborted episode's scores."""
    return score_episode(played("")).keys()


@pytest.mark.parametrize(
    "drawn",
    [
        None,
        [],
        {"nodes": "ab", "edges": {}},
        {"nodes": [["a"]], "edges": {}},
        {"nodes": [], "edges": []},
        {"nodes": [], "edges": {"north": "ab"}},
        {"nodes": [], "edges": {"north": [["a"]]}},
        {"nodes": [], "edges": {"north": [["a", 1]]}},
        {"nodes": [], "edges": {"north": ["a"]}},
    ],
)
def test_what_is_no_graph(drawn: Any) -> None:
    """Names and pairs of names make a graph, nothing else does."""
    assert read_graph(drawn) is None


def test_edit_distance_is_networkxs() -> None:
    """On small random graphs the distance is that of networkx."""
    rng = random.Random(2)
    for _ in range(60):
        pair = random_graph(rng), random_graph(rng)
        theirs = []
        for graph in pair:
            theirs.append(networkx.Graph())
            theirs[-1].add_nodes_from(graph.nodes)
            theirs[-1].add_edges_from((min(e), max(e)) for e in graph.edges)
        assert count_edits(*pair) == networkx.graph_edit_distance(*theirs)
        assert count_edits(*pair) == count_edits(*pair[::-1])


def test_a_door_from_a_room_to_itself_is_one_too_many() -> None:
    """A loop is an edge to remove, and never a door between two rooms."""
    loop = Graph(frozenset("ab"), frozenset({frozenset("a")}))
    door = Graph(frozenset("ab"), frozenset({frozenset("ab")}))
    assert count_edits(loop, door) == 2
    assert count_edits(loop, loop) == 0


@pytest.mark.parametrize("variant", HOUSES)
def test_other_names_are_the_same_shape(variant: str) -> None:
    """A house under other names is at distance 0: its similarity is 100."""
    for seed in range(10):
        rng = random.Random(seed)
        house = draw_house(*HOUSES[variant], rng)
        other = dict(zip(house, rng.sample(list(house), len(house)), strict=True))
        edges = frozenset(list_edges(house))
        renamed = frozenset(frozenset(other[room] for room in e) for e in edges)
        one, two = (Graph(frozenset(house), doors) for doors in (edges, renamed))
        assert compare(one, two) == 100


def test_the_search_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer tries find a distance that is at least as far."""
    rng = random.Random(1)
    names = [str(number) for number in range(16)]
    dense, other = (
        Graph(
            frozenset(names),
            frozenset(frozenset(rng.sample(names, 2)) for _ in range(40)),
        )
        for _ in range(2)
    )
    best = count_edits(dense, other)
    monkeypatch.setattr(module, "MOST_TRIES", 200)
    assert count_edits(dense, other) >= best


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_experts_draw_what_they_have_walked(variant: str) -> None:
    """A winner's last drawing lacks but the last room; its replies are short enough."""
    for seed, data in enumerate(GAME.generate(variant, "test", 9, random.Random(4))):
        instance = Instance(GAME.spec.name, variant, "x", data)
        episode = play_episode(GAME, instance, expert_pair(GAME, instance, 1.0, seed))
        graph = read_graph(json.loads(episode.turns[-1].reply)["graph"])
        house = {entry["node"].lower() for entry in data["Moves"]}
        assert graph.nodes == house
        assert len(graph.edges) == len(house) - 1
        assert max(len(turn.reply) for turn in episode.turns) < 800


def test_notes_and_scores_of_moves_are_the_recorded_ones() -> None:
    """Each recorded episode is noted and scored as clembench did."""
    assert_noted("textmapworld_graphreasoning")


@pytest.mark.parametrize(("rules", "is_read"), [("v2", True), ("v3", False)])
def test_the_graph_that_comes_with_done_is_read_by_v3_alone(
    rules: str, is_read: bool
) -> None:
    """One that is no Python literal aborts there, and is passed over by v2."""
    graph = '{"nodes": ["A"], "edges": {"south": [["A", "B"]}}'
    reply = f'{{"action":"DONE", "graph": {graph}}}'
    assert (read_command_and_graph(reply, rules) is not None) == is_read
    whole = reply.replace('"B"]}', '"B"]]}')
    assert read_command_and_graph(whole, rules) is not None
