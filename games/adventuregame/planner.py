"""Shortest deliveries by breadth-first search, for the generator and the expert.

A task is what matters of a house: how rooms are joined, where the things to be
delivered lie, and which containers are closed. Things are never laid down on the way;
what is in the same room as its place need not be taken to be put there.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Step = tuple[str, ...]
"""("go", room), ("open", container), ("take", thing) or ("put", thing, place)."""


@dataclass(frozen=True)
class Task:
    """What is known of a house and is to be done there."""

    exits: Mapping[str, tuple[str, ...]]
    rooms: Mapping[str, str]
    """Receptacles -> the rooms that they are in."""
    closed: frozenset[str]
    things: tuple[tuple[str, str], ...]
    """(thing, place) of all that is to be delivered; () once it is carried."""
    places: tuple[str, ...]
    """Where each of them is to be brought."""
    limit: int | None


@dataclass(frozen=True)
class Situation:
    """A state of the search."""

    here: str
    closed: frozenset[str]
    where: tuple[str | None, ...]
    """Where each thing lies; None if it is carried."""


def make_start(task: Task, here: str) -> Situation:
    """Return the situation in which nothing was done yet."""
    places = tuple(place or None for _, place in task.things)
    return Situation(here, task.closed, places)


def find_shortest(task: Task, here: str) -> list[Step] | None:
    """Find a shortest way to deliver all; None if there is none."""
    start = make_start(task, here)
    came: dict[Situation, tuple[Situation, Step] | None] = {start: None}
    queue = deque([start])
    while queue:
        now = queue.popleft()
        if now.where == task.places:
            return _trace_path(came, now)
        for step, after in _list_moves(task, now):
            if after not in came:
                came[after] = now, step
                queue.append(after)
    return None


def _trace_path(
    came: dict[Situation, tuple[Situation, Step] | None], now: Situation
) -> list[Step]:
    """Collect the steps that lead to a situation, the first one first."""
    steps = []
    while (before := came[now]) is not None:
        now, step = before
        steps.append(step)
    return steps[::-1]


def _list_moves(task: Task, now: Situation) -> Iterator[tuple[Step, Situation]]:
    """Yield the steps that may be of use in a situation, each with its result."""
    has_room = task.limit is None or now.where.count(None) < task.limit
    for number, (thing, _) in enumerate(task.things):
        place, goal = now.where[number], task.places[number]
        if place == goal:
            continue
        is_near = (
            place is not None
            and task.rooms.get(place) == now.here
            and place not in now.closed
        )
        can_put = task.rooms.get(goal) == now.here and goal not in now.closed
        if can_put and (place is None or is_near):
            yield ("put", thing, goal), _move(now, number, goal)
        if is_near and has_room:
            yield ("take", thing), _move(now, number, None)
    for container in sorted(now.closed):
        if task.rooms[container] == now.here:
            opened = now.closed - {container}
            yield ("open", container), Situation(now.here, opened, now.where)
    for room in task.exits.get(now.here, ()):
        yield ("go", room), Situation(room, now.closed, now.where)


def _move(now: Situation, number: int, place: str | None) -> Situation:
    where = (*now.where[:number], place, *now.where[number + 1 :])
    return Situation(now.here, now.closed, where)
