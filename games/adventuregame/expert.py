"""A scripted player of adventuregame, who knows what its own chat has told it.

It explores until it knows where the things and their places are, taking and putting
what it can on the way, and then follows a shortest plan. Skill is the share of replies
made so; the others stop one time in seven, or go or look somewhere at random.
"""

import random

from games.adventuregame.domain import CONTAINERS, name_kind
from games.adventuregame.grammar import DONE, NEXT, TAG
from games.adventuregame.master import PLAN, find_limit
from games.adventuregame.memory import CARRIED, Memory, recall
from games.adventuregame.planner import Step, Task, find_shortest
from games.adventuregame.world import parse_fact
from games.contract import Instance, Message, Player

HASTE = 1 / 7
"""Share of the unskilled replies that stop."""
_MOST_STEPS = 4
"""So many further steps of a plan are told."""
_BOXES = frozenset(map(name_kind, CONTAINERS))


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted adventurer, who is told goals, limit and form by its prompt."""
    goals = [
        (_call(thing), _call(place))
        for _, thing, place in map(parse_fact, instance.data["goal_state"])
    ]
    limit = find_limit(instance)
    is_planning = instance.data["variant"] == PLAN

    def play(messages: list[Message]) -> str:
        memory = recall(messages)
        if rng.random() < skill:
            steps = plan_steps(memory, goals, limit)
        else:
            steps = [_draw_step(memory, rng)]
        commands = [_write_command(step) for step in steps[: 1 + _MOST_STEPS]]
        reply = f"{TAG} {commands[0]}"
        if is_planning and commands[0] != DONE:
            reply += f"{NEXT} {', '.join(commands[1:] or [_guess_rest(memory, goals)])}"
        return reply

    return play


def _call(name: str) -> str:
    """Name the thing "sidetable1" as players do."""
    return name_kind(name.rstrip("0123456789"))


def _write_command(step: Step) -> str:
    """Write the command for a step."""
    if step[0] == "go":
        return f"go to {step[1]}"
    if step[0] == "put":
        return f"put {step[1]} {'in' if step[2] in _BOXES else 'on'} {step[2]}"
    return " ".join(step)


def _guess_rest(memory: Memory, goals: list[tuple[str, str]]) -> str:
    """Write commands for what may come next, where that is not known yet."""
    left = [thing for thing, place in goals if memory.where.get(thing) != place]
    unheld = [thing for thing in left if memory.where.get(thing) != CARRIED]
    return f"take {unheld[0]}" if unheld else DONE


def _draw_step(memory: Memory, rng: random.Random) -> Step:
    """Draw a step of no use."""
    if rng.random() < HASTE:
        return (DONE,)
    places = [name for name, room in memory.rooms.items() if room == memory.here]
    exits = memory.exits.get(memory.here, ())
    return rng.choice(
        [
            *(("go", room) for room in exits),
            *(("examine", place) for place in places if "floor" not in place),
            ("examine", "inventory"),
        ]
    )


def plan_steps(
    memory: Memory, goals: list[tuple[str, str]], limit: int | None
) -> list[Step]:
    """Plan the next steps, best of all up to the end."""
    left = [goal for goal in goals if memory.where.get(goal[0]) != goal[1]]
    if not left:
        return [(DONE,)]
    is_known = all(t in memory.where and p in memory.rooms for t, p in left)
    if is_known:
        task = Task(
            exits=memory.exits,
            rooms=memory.rooms,
            closed=frozenset(memory.closed),
            things=tuple((thing, memory.where[thing]) for thing, _ in left),
            places=tuple(place for _, place in left),
            limit=limit,
        )
        return [*(find_shortest(task, memory.here) or ()), (DONE,)]
    return _explore(memory, left, limit)


def _explore(
    memory: Memory, left: list[tuple[str, str]], limit: int | None
) -> list[Step]:
    """List what can be done here for a goal, or the way to where anything is new."""
    here = [name for name, room in memory.rooms.items() if room == memory.here]
    num_carried = list(memory.where.values()).count(CARRIED)
    for thing, place in left:
        where = memory.where.get(thing)
        if where == CARRIED and place in here and place not in memory.closed:
            return [("put", thing, place)]
        has_room = limit is None or num_carried < limit
        if where in here and where not in memory.closed and has_room:
            return [("take", thing)]
    for name in here:
        if name in memory.closed:
            return [("open", name)]
    way = memory.find_way_to_news()
    return [("go", room) for room in way] if way else [(DONE,)]
