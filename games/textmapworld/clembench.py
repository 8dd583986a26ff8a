"""The three games in clembench's words."""

import json
import math
from collections.abc import Iterator
from typing import Any

from games.bridge import Bridge, Wording
from games.events import Ended, Event, Malformed
from games.textmapworld import rules
from games.textmapworld.events import (
    BadDrawing,
    Blocked,
    Drawn,
    Moved,
    Stopped,
)
from games.textmapworld.house import list_edges
from games.textmapworld.master import (
    MAX_ROUNDS,
    TURN_LIMIT,
    GraphReasoning,
    SpecificRoom,
    TextMapWorld,
)
from games.textmapworld.similarity import Graph, compare, read_graph


def word(master: TextMapWorld, event: Event) -> Iterator[Wording]:
    """Say what was parsed, and where it led."""
    if isinstance(event, Moved | Blocked | Stopped | BadDrawing):
        yield "parse", rules.join_lines(event.reply)
    if isinstance(event, Moved | Blocked):
        yield "Valid format", "Continue"
    match event:
        case Moved(_, old, new):
            yield "move", json.dumps({"old": old, "new": new})
        case Stopped():
            yield "stop", "The guesser decided to stop the game"
        case Malformed():
            yield "aborted", "abort game"
        case Drawn(graph):
            yield "graph", write_graph(graph)
        case Ended(reason=reason) if reason == TURN_LIMIT:
            yield "turns_limit", str(MAX_ROUNDS)


def write_graph(graph: Any) -> str:
    """Write a graph as Python does; nothing of one that JSON could not hold.

    Python writes a set in any order, and no number of more than 4,300 digits.
    """
    try:
        json.dumps(graph)
        return str(graph)
    except (TypeError, ValueError, RecursionError):
        return ""


def score_walk(master: TextMapWorld) -> dict[str, float]:
    """Score the walk, as if it was not aborted."""
    house, path = master.house, master.path
    return {
        "moves": len(path) - 1,
        "valid_moves": len(path) - 1,
        "invalid_moves": 0,  # clembench's scorer never sees one
        "blocked_moves": len(master.list_events(Blocked)),
        "stopped": master.outcome is not None,
        "turns_limit": 0,
        "loops": rules.count_loops(path),
        "number_visited": len(set(path)),
        "seen": len(rules.list_seen(house, path)),
        "efficiency": rules.compute_efficiency(house, path),
        "exploration": rules.compute_exploration(house, path),
    }


def score_episode(master: TextMapWorld) -> dict[str, float]:
    """Score the walk; all is NaN if aborted."""
    return _forget_aborted(master, score_walk(master))


def score_turns(master: TextMapWorld) -> dict[str, dict[str, float]]:
    """Tell of each move whether it was efficient, by clembench's spelling."""
    good = rules.judge_moves(master.house, master.path)
    return {str(n): {"effiencient_move": one} for n, one in enumerate(good)}


def score_drawn_episode(master: GraphReasoning) -> dict[str, float]:
    """Score besides the last drawing: the slow part, left out of aborted episodes."""
    alike = math.nan if master.is_aborted else _compare_drawing(master)
    return score_episode(master) | {"graph_similarity": alike}


def _compare_drawing(master: GraphReasoning) -> float:
    """Compare the house and what was drawn with the last move through a door."""
    drawings = [drawing.graph for drawing in master.list_events(Drawn)]
    drawn = read_graph(drawings[-1]) if drawings else None
    house = Graph(frozenset(master.house), frozenset(list_edges(master.house)))
    return 0.0 if drawn is None else compare(house, drawn)


def score_search(master: SpecificRoom) -> dict[str, float]:
    """Count loops otherwise, and add textmapworld's main score."""
    changed = {
        "loops": rules.count_separate_loops(master.path),
        "old_benchscore": rules.score_walk(master.house, master.path),
    }
    return score_episode(master) | _forget_aborted(master, changed)


def _forget_aborted(master: TextMapWorld, scores: dict[str, float]) -> dict[str, float]:
    return {name: master.score_or_nan(score) for name, score in scores.items()}


BRIDGE = Bridge(
    word=word,
    score_episode=score_episode,
    score_turns=score_turns,
    folder="textmapworld/textmapworld_main",
)
GRAPHREASONING = Bridge(
    word=word,
    score_episode=score_drawn_episode,
    score_turns=score_turns,
    folder="textmapworld/textmapworld_graphreasoning",
)
SPECIFICROOM = Bridge(
    word=word,
    score_episode=score_search,
    score_turns=score_turns,
    folder="textmapworld/textmapworld_specificroom",
)
