"""Seeded instances: six rooms, eighteen kinds of furniture and things, three goals.

The pantry hangs on the kitchen or the hallway, the broom closet on the hallway, the
bedroom on the hallway or the living room; two or three passages join the other three.
Furniture and things are in rooms where one would look for them. Easy instances bring
three things to one table, hard ones to three places; a search finds how many turns
that takes.
"""

import random
from typing import Any

from games.adventuregame.domain import CONTAINERS, PORTABLE, ROOMS, SUPPORTS
from games.adventuregame.master import BASIC, LIMIT, MAX_TURNS, PLAN
from games.adventuregame.planner import Task, find_shortest
from games.adventuregame.world import parse_fact
from games.kit.splits import draw_different, split_of

FEWEST_TURNS, MOST_TURNS = 5, 30
NUM_GOALS = 3
LOCATIONS = {
    "table": ("kitchen", "livingroom"),
    "sidetable": ("livingroom", "bedroom"),
    "counter": ("kitchen",),
    "shelf": ("kitchen", "pantry", "livingroom"),
    "chair": ("livingroom",),
    "bed": ("bedroom",),
    "couch": ("livingroom",),
    "refrigerator": ("kitchen", "pantry"),
    "cupboard": ("kitchen",),
    "wardrobe": ("bedroom",),
    "freezer": ("pantry",),
    "pottedplant": ("livingroom", "hallway", "bedroom"),
    "broom": ("broomcloset",),
    "mop": ("broomcloset",),
    "sandwich": ("kitchen", "pantry"),
    "apple": ("kitchen", "pantry"),
    "banana": ("kitchen", "pantry"),
    "orange": ("kitchen", "pantry"),
    "peach": ("kitchen", "pantry"),
    "plate": ("kitchen",),
    "book": ("livingroom", "bedroom"),
    "pillow": ("bedroom", "livingroom"),
}
"""Where furniture and things can be."""


def generate(
    variant: str, split: str, num: int, rng: random.Random
) -> list[dict[str, Any]]:
    """Return the data of `num` instances with different targets.

    Raises:
        InstanceError: there are not so many.
    """

    def draw() -> dict[str, Any] | None:
        data = _draw(variant, rng)
        if split_of(name_task(data)) != split:
            return None  # before the search, which takes long
        optimal = count_optimal_turns(data, variant)
        fits = FEWEST_TURNS <= optimal <= MOST_TURNS
        return data | {"optimal_turns": optimal} if fits else None

    what = f"{variant} houses of adventuregame"
    return draw_different(draw, name_task, num, what=what, split=split)


def name_task(data: dict[str, Any]) -> str:
    """Write what makes a task as one text: passages, start, goals, places."""
    goals = data["goal_state"]
    things = {_read_arguments(goal)[0] for goal in goals}
    facts = [
        fact
        for fact in data["initial_state"]
        if fact.startswith(("exit(", "at(player1,"))
        or (fact.startswith(("on(", "in(")) and _read_arguments(fact)[0] in things)
    ]
    return " ".join(sorted(goals) + sorted(facts))


def _read_arguments(fact: str) -> list[str]:
    """Read "book1" and "table1" out of "on(book1,table1)"."""
    return list(parse_fact(fact)[1:])


def is_limited(variant: str) -> bool:
    """Whether only so many things can be carried."""
    return variant.endswith("_invlimittwo")


def _draw(variant: str, rng: random.Random) -> dict[str, Any]:
    """Return the data of an instance, but for how many turns it takes."""
    exits = _draw_passages(rng)
    rooms = {kind: rng.choice(LOCATIONS[kind]) for kind in SUPPORTS + CONTAINERS}
    places = {kind: _draw_place(kind, rooms, rng) for kind in PORTABLE}
    limit = "_invlimit" if is_limited(variant) else ""
    return {
        "variant": PLAN if "_planning_" in variant else BASIC,
        "initial_state": _list_facts(exits, rooms, places, rng.choice(list(ROOMS))),
        "goal_state": _draw_goals(places, "_hard" in variant, rng),
        "max_turns": MAX_TURNS,
        "action_definitions": [f"basic_actions_v2{limit}.json"],
    }


def _draw_passages(rng: random.Random) -> list[tuple[str, str]]:
    """Draw the pairs of rooms that are joined, both ways."""
    inner = [("kitchen", "hallway"), ("kitchen", "livingroom")]
    inner.append(("hallway", "livingroom"))
    pairs = [
        *rng.sample(inner, rng.choice((2, 3))),
        ("pantry", rng.choice(("kitchen", "hallway"))),
        ("broomcloset", "hallway"),
        ("bedroom", rng.choice(("hallway", "livingroom"))),
    ]
    return [way for one, other in pairs for way in ((one, other), (other, one))]


def _draw_place(kind: str, rooms: dict[str, str], rng: random.Random) -> str:
    """Draw the place of a thing: a piece of furniture, or the floor of a room."""
    room = rng.choice(LOCATIONS[kind])
    return rng.choice(
        [place for place, its_room in rooms.items() if its_room == room]
        or [f"{room}1floor"]
    )


def _draw_goals(places: dict[str, str], is_hard: bool, rng: random.Random) -> list[str]:
    """Draw three facts to be brought about, none of which holds."""
    receptacles = [*SUPPORTS, *CONTAINERS]
    while True:
        things = rng.sample(PORTABLE, NUM_GOALS)
        targets = (
            rng.sample(receptacles, NUM_GOALS) if is_hard else ["table"] * NUM_GOALS
        )
        pairs = list(zip(things, targets, strict=True))
        if all(places[thing] != target for thing, target in pairs):
            return [_write_place(thing, target) for thing, target in pairs]


def _write_place(thing: str, place: str) -> str:
    """Write the fact that a thing lies somewhere."""
    return f"{'in' if place in CONTAINERS else 'on'}({thing}1,{place}1)"


def _list_facts(
    exits: list[tuple[str, str]],
    rooms: dict[str, str],
    places: dict[str, str],
    start: str,
) -> list[str]:
    """List all facts that hold at the start, in clembench's terms."""
    floors = {f"{room}1floor": room for room in ROOMS}
    where = rooms | {thing: (rooms | floors)[p] for thing, p in places.items()}
    return [
        *(f"room({room}1,{room})" for room in ROOMS),
        *(f"type({floor}1,floor)" for floor in floors),
        "type(player1,player)",
        *(f"type({kind}1,{kind})" for kind in where),
        *(f"at({floor}1,{room}1)" for floor, room in floors.items()),
        f"at(player1,{start}1)",
        *(f"at({kind}1,{room}1)" for kind, room in where.items()),
        *(f"support({kind}1)" for kind in (*floors, *SUPPORTS)),
        *(f"{trait}({kind}1)" for trait in _BOX_TRAITS for kind in CONTAINERS),
        *(f"{trait}({kind}1)" for trait in _THING_TRAITS for kind in PORTABLE),
        *(_write_place(thing, place) for thing, place in places.items()),
        *(f"exit({one}1,{other}1)" for one, other in exits),
    ]


_BOX_TRAITS = ("container", "openable", "closed")
_THING_TRAITS = ("takeable", "movable", "needs_support")


def count_optimal_turns(data: dict[str, Any], variant: str) -> int:
    """Count the turns in which one who knows the house can deliver all."""
    task, here = _read_task(data, LIMIT if is_limited(variant) else None)
    return len(find_shortest(task, here) or ())


def _read_task(data: dict[str, Any], limit: int | None) -> tuple[Task, str]:
    """Read the task of an instance, and where it starts."""
    facts = [parse_fact(text) for text in data["initial_state"]]
    at = {fact[1]: fact[2] for fact in facts if fact[0] == "at"}
    held = {fact[1]: fact[2] for fact in facts if fact[0] in ("on", "in")}
    goals = [_read_arguments(goal) for goal in data["goal_state"]]
    needed = {place for _, place in goals} | {held[thing] for thing, _ in goals}
    exits: dict[str, tuple[str, ...]] = {}
    for fact in facts:
        if fact[0] == "exit":
            exits[fact[1]] = (*exits.get(fact[1], ()), fact[2])
    task = Task(
        exits=exits,
        rooms=at,
        closed=frozenset(f[1] for f in facts if f[0] == "closed") & needed,
        things=tuple((thing, held[thing]) for thing, _ in goals),
        places=tuple(place for _, place in goals),
        limit=limit,
    )
    return task, at["player1"]
