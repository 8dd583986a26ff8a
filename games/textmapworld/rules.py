"""The rules of the three games as small functions: read a reply, judge a walk.

They follow clembench's to the letter, but for two bounds: a reply with a graph may
have at most `MOST_CHARACTERS`, and a text that is no literal is read without warnings.
"""

import ast
import re
import warnings
from typing import Any

from games.contract import V2
from games.events import Flaw
from games.kit.flaws import find_flaw
from games.textmapworld.house import House

DONE = "DONE"
MOST_CHARACTERS = 4000
"""Of a reply with a graph: ten times what a drawing of eight rooms takes."""

MOVE = re.compile(r"^GO:\s*(north|east|west|south)$", re.IGNORECASE)
STOP = re.compile(r"^DONE$", re.IGNORECASE)
ACTION_AND_GRAPH = re.compile(
    r'^\{\s*"action":\s*"([^{}]*?)"\s*,\s*"graph":\s*'
    r'(\{\s*"nodes"\s*:\s*\[.*?\]\s*,\s*"edges"\s*:\s*\{.*?\}\s*\})\s*\}$',
    re.IGNORECASE,
)


def read_command(text: str) -> str | None:
    """Read DONE or the direction to go as it is written; None for anything else."""
    if STOP.search(text):
        return DONE
    move = MOVE.search(text)
    return move[1] if move else None


def join_lines(reply: str) -> str:
    """Take the line breaks out of a reply, and white space around it."""
    return reply.replace("\n", "").strip()


def read_command_with_graph(reply: str) -> str | None:
    """Read the command that stands before a graph; None if there are not both."""
    text = join_lines(reply)
    if len(text) > MOST_CHARACTERS:
        return None
    match = ACTION_AND_GRAPH.search(text)
    return read_command(match[1]) if match else None


def read_command_and_graph(reply: str, rules: str = V2) -> tuple[str, Any] | None:
    """Read the command and the graph of a reply; None if its format is wrong.

    By v2 the graph that comes with DONE is not read: it is None.
    """
    command = read_command_with_graph(reply)
    if command is None:
        return None
    if command == DONE and rules == V2:
        return command, None
    parsed = _parse_literal(join_lines(reply))
    if not isinstance(parsed, dict) or set(parsed) != {"action", "graph"}:
        return None
    return command, parsed["graph"]


def _parse_literal(text: str) -> Any:
    """Parse a Python literal; None for any other text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def name_flaw(reply: str) -> Flaw:
    """Name the flaw in the form of a reply that is no command."""
    said = reply[:MOST_CHARACTERS].upper()
    if said.startswith(DONE):
        return Flaw.EXTRA_TEXT
    return find_flaw(said, "GO:") or Flaw.UNREADABLE


def name_flaw_of_drawing(reply: str) -> Flaw:
    """Name the flaw in the form of a reply that is no command with a graph."""
    if read_command(reply) is not None:
        return Flaw.WRONG_TAG
    if len(reply) > MOST_CHARACTERS:
        return Flaw.EXTRA_TEXT
    return Flaw.UNREADABLE if '"action"' in reply else Flaw.NO_TAG


def score_walk(house: House, path: list[str]) -> float:
    """Score a walk: the harmonic mean of efficiency and exploration."""
    return average_harmonically(
        compute_efficiency(house, path), compute_exploration(house, path)
    )


def find_good_steps(house: House, here: str, visited: set[str]) -> set[str]:
    """Find the rooms that a shortest plan from `here` may enter first.

    A plan walks through all unvisited neighbours of visited rooms. It enters a room it
    has been in only where a room has no other neighbours.
    """
    todo = {other for room in visited for other in house[room].values()} - visited
    level = {(room, frozenset({here, room})): {room} for room in house[here].values()}
    known = set(level)
    while level:
        good = [firsts for (_, walked), firsts in level.items() if todo <= walked]
        if good:
            return set().union(*good)
        later: dict[tuple[str, frozenset[str]], set[str]] = {}
        for (room, walked), firsts in level.items():
            neighbours = set(house[room].values())
            for other in neighbours - walked or neighbours:
                later.setdefault((other, walked | {other}), set()).update(firsts)
        level = {state: later[state] for state in later.keys() - known}
        known |= level.keys()
    return set()


def judge_moves(house: House, path: list[str]) -> list[bool]:
    """Judge each move: does it begin a shortest plan? None does to no end."""
    good = []
    for number in range(1, len(path)):
        visited = set(path[:number])
        good.append(
            len(visited) < len(house)
            and path[number] in find_good_steps(house, path[number - 1], visited)
        )
    return good


def compute_efficiency(house: House, path: list[str]) -> float:
    """Compute the % of moves that begin a shortest plan; 0 of no moves."""
    good = judge_moves(house, path)
    return 100 * sum(good) / len(good) if good else 0.0


def compute_exploration(house: House, path: list[str]) -> float:
    """Compute the % of rooms that were visited."""
    return 100 * len(set(path)) / len(house)


def average_harmonically(one: float, other: float) -> float:
    """Compute the harmonic mean of two scores; 0 if both are 0."""
    return 2 * one * other / (one + other) if one + other else 0.0


def count_loops(path: list[str]) -> int:
    """Count how often four places in a row are but two rooms."""
    return sum(len(set(path[i : i + 4])) == 2 for i in range(len(path) - 3))


def count_separate_loops(path: list[str]) -> int:
    """Count loops so that no place counts for two of them."""
    count, start = 0, 0
    for end in range(4, len(path) + 1):
        if end - start >= 4 and len(set(path[end - 4 : end])) == 2:
            count, start = count + 1, end
    return count


def list_seen(house: House, path: list[str]) -> set[str]:
    """Collect the rooms visited and those behind their doors."""
    return set(path) | {other for room in path for other in house[room].values()}
