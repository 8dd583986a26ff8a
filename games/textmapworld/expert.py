"""Scripted players of the three games, who know what their own chat tells them.

A player draws a map as it goes and walks to the nearest door that it has not been
through; rooms lie on a lattice, so a door may lead to a room it knows. It stops where
no such door is left or in the room to find. Skill is the share of replies made so; the
others stop where one should not, one time in seven, or go anywhere, and draw no doors.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from games.contract import Instance, Message, Player
from games.textmapworld.house import STEPS, Cell, move
from games.textmapworld.rules import DONE, read_command, read_command_and_graph
from games.textmapworld.templates import ENTERED, PROMPT, find_template, read_gaps

HASTE = 1 / 7
"""Share of the unskilled replies that stop."""
Write = Callable[[str, "Explored", bool], str]
"""(command, what is known, whether it is a skilled reply) -> the reply."""
Reread = Callable[[str], str]
"""One's own earlier reply, if it was a move -> the direction."""


@dataclass
class Explored:
    """What a player knows of a house: places by their cells, the start at (0, 0)."""

    goal: str
    rooms: dict[Cell, str] = field(default_factory=dict)
    doors: dict[Cell, list[str]] = field(default_factory=dict)
    walked: dict[frozenset[Cell], tuple[str, str, str]] = field(default_factory=dict)
    """Direction, room left and room entered of every door, when first gone through."""
    here: Cell = (0, 0)

    def enter(self, cell: Cell, room: str, directions: list[str]) -> None:
        """Take down the room one is in now."""
        self.rooms[cell], self.doors[cell] = room, directions
        self.here = cell

    def find_next_step(self) -> str | None:
        """Find the first step to the nearest unknown room; None if none is left."""
        waiting = [(move(self.here, d), d) for d in self.doors[self.here]]
        met = {self.here}
        for cell, first in waiting:
            if cell not in self.rooms:
                return first
            if cell not in met:
                met.add(cell)
                waiting += [(move(cell, d), first) for d in self.doors[cell]]
        return None


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted player of textmapworld and textmapworld_specificroom."""
    return _make_explorer(instance, skill, rng, _write_plain, _read_direction)


def make_graph_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted player of textmapworld_graphreasoning."""
    return _make_explorer(
        instance, skill, rng, _write_graph, _read_direction_with_graph
    )


def _make_explorer(
    instance: Instance,
    skill: float,
    rng: random.Random,
    write: Write,
    reread: Reread,
) -> Player:
    """Make a player who explores, and writes and reads replies in a game's format."""
    prompt, entered = find_template(instance, PROMPT), find_template(instance, ENTERED)

    def play(messages: list[Message]) -> str:
        explored = recall(messages, prompt, entered, reread)
        best = _choose_command(explored)
        if rng.random() < skill:
            return write(best, explored, True)
        if rng.random() < HASTE and best != DONE:
            return write(DONE, explored, False)
        return write(f"GO: {rng.choice(list(STEPS))}", explored, False)

    return play


def recall(
    messages: list[Message], prompt: str, entered: str, reread: Reread
) -> Explored:
    """Gather from a chat all that it tells of the house."""
    first = read_gaps(prompt, messages[0]["content"])
    assert first is not None, "a chat that does not begin with its own prompt"
    room, directions, goal = first
    explored = Explored(goal)
    explored.enter((0, 0), room, directions)
    for said, heard in _pair(messages):
        told = read_gaps(entered, heard)
        if told is not None:
            direction, left = reread(said), explored.here
            cell = move(left, direction)
            way = direction, explored.rooms[left], told[0]
            explored.walked.setdefault(frozenset({left, cell}), way)
            explored.enter(cell, *told[:2])
    return explored


def _pair(messages: list[Message]) -> Iterator[tuple[str, str]]:
    """Yield what one said and what one heard next."""
    for said, heard in zip(messages[1::2], messages[2::2], strict=True):
        yield said["content"], heard["content"]


def _choose_command(explored: Explored) -> str:
    """Choose what an explorer does next."""
    step = explored.find_next_step()
    room = explored.rooms[explored.here]
    if step is None or room.lower() == explored.goal.lower():
        return DONE
    return f"GO: {step}"


def _write_plain(command: str, explored: Explored, skilled: bool) -> str:
    return command


def _write_graph(command: str, explored: Explored, skilled: bool) -> str:
    """Return a command with a drawing of all rooms entered and doors gone through."""
    edges: dict[str, list[list[str]]] = {d: [] for d in STEPS}
    for direction, left, entered in explored.walked.values() if skilled else ():
        edges[direction].append([left, entered])
    graph = {"nodes": list(explored.rooms.values()), "edges": edges}
    return json.dumps({"action": command, "graph": graph})


def _read_direction(said: str) -> str:
    command = read_command(said)
    assert command is not None, f"a room was entered by what is no move: {said!r}"
    return command.lower()


def _read_direction_with_graph(said: str) -> str:
    command_and_graph = read_command_and_graph(said)
    assert command_and_graph, f"a room was entered by what is no move: {said!r}"
    return command_and_graph[0]
