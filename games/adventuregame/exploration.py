"""What a player has come to know of a house, as clembench keeps track of it."""

from dataclasses import dataclass, field, replace
from typing import Any

from games.adventuregame.describe import list_visible
from games.adventuregame.world import INVENTORY, PLAYER, Fact, World

_EPISTEMIC = frozenset({"open", "go", "examine"})
_PRAGMATIC = frozenset({"open", "take", "put", "go", "done"})
"""Actions that are there to learn something, and to change something."""


Count = tuple[str, str, int]
"""The fact that says how many things are carried."""
Learned = Fact | Count


def count_carried(world: World) -> Count:
    """Count the things that are carried, as clembench's fact of it."""
    return "itemcount", INVENTORY, len(world.list_carried())


def perceive(world: World, is_limited: bool) -> frozenset[Learned]:
    """Collect the facts of a house that are to be seen now."""
    here, carried = world.here, world.list_carried()
    near = {*list_visible(world, here)}
    seen = near.union(carried)
    told = {"at": seen, "in": seen} | dict.fromkeys(("on", "open", "closed"), near)
    found = {
        f for kind, of in told.items() for f in world.list_facts(kind) if f[1] in of
    }
    found.add(("at", PLAYER, here))
    found |= {fact for fact in world.list_facts("exit") if fact[1] == here}
    return frozenset(found | ({count_carried(world)} if is_limited else set()))


@dataclass(frozen=True)
class Known:
    """What is known after a command."""

    facts: frozenset[Learned]
    rooms: frozenset[str]
    """Where the player has been."""
    new: frozenset[Learned] = frozenset()
    """What was learned last."""

    def learn(self, seen: frozenset[Learned], removed: set[Learned]) -> "Known":
        """Return the knowledge after `seen` was seen and `removed` became untrue."""
        if seen <= self.facts and not removed:
            return replace(self, new=frozenset())
        facts = (self.facts | seen) - removed
        return Known(facts, self.rooms | list_rooms(facts), facts - self.facts)


def list_rooms(facts: frozenset[Learned]) -> frozenset[str]:
    """Collect the rooms in which the player is or was, as facts say."""
    return frozenset(str(f[2]) for f in facts if f[:2] == ("at", PLAYER))


@dataclass(frozen=True)
class Measure:
    """What there is to be known, to take shares of."""

    things: int
    rooms: int
    goals: list[Fact]
    named: frozenset[str] = field(init=False)
    """Things and places of the goals."""

    def __post_init__(self) -> None:
        named = frozenset(name for goal in self.goals for name in goal[1:])
        object.__setattr__(self, "named", named)

    def describe(self, known: Known, action: str) -> dict[str, Any]:
        """Give clembench's account of what is known; "" is no action."""
        is_epistemic = action in _EPISTEMIC
        new = sorted(known.new) if is_epistemic else []
        found = sorted(fact for fact in known.facts if fact[0] == "at")
        goals = [fact for fact in found if fact[1] in self.named]
        return {
            "action_epistemic": is_epistemic,
            "action_pragmatic": action in _PRAGMATIC,
            **({"effective_epistemic_gain_facts": new} if is_epistemic else {}),
            "effective_epistemic_gain_amount": len(new),
            "known_entities": found,
            "known_entities_ratio": len(found) / self.things,
            "visited_rooms": sorted(known.rooms),
            "visited_rooms_ratio": len(known.rooms) / self.rooms,
            "known_goal_entities": goals,
            "known_goal_entities_ratio": len(goals) / len(self.named),
        }
