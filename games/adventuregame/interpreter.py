"""What carries commands out, one by one or as a plan, and tells what came of them."""

from dataclasses import dataclass
from typing import Any

from games.adventuregame.actions import Result, Terms, perform
from games.adventuregame.exploration import (
    Known,
    Learned,
    Measure,
    count_carried,
    list_rooms,
    perceive,
)
from games.adventuregame.world import Fact, World


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command."""

    result: Result
    goals: list[Any]
    """That hold: as texts, but as facts where the command failed."""
    known: Known
    """What the player knows by then."""


class Interpreter:
    """A house, what its player knows of it, and which goals it has reached."""

    def __init__(self, world: World, goals: list[Fact], terms: Terms) -> None:
        self.world, self.goals, self._terms = world, goals, terms
        things, rooms = (
            sum(1 for _ in world.list_facts(kind)) for kind in ("type", "room")
        )
        self.measure = Measure(things, rooms, goals)
        seen = self._perceive()
        self._known = Known(seen, list_rooms(seen))
        self._achieved: list[Fact] = []
        """Goals that held after the last command that was carried out, plans' too."""

    def count_achieved(self) -> int:
        """Count the goals that hold."""
        return sum(goal in self.world for goal in self.goals)

    def run(self, text: str) -> Done:
        """Carry a command out, if it can be."""
        world, count = self.world, count_carried(self.world)
        world.removed.clear()
        result = perform(world, text, self._terms)
        if result.failed:
            return self._fail(result)
        removed: set[Learned] = {*world.removed}
        if self._terms.limit is not None and count_carried(world) != count:
            removed.add(count)
        self._known = self._known.learn(self._perceive(), removed)
        self._achieved = [goal for goal in self.goals if goal in world]
        achieved = [write_fact(goal) for goal in self._achieved]
        return Done(result, achieved, self._known)

    def _fail(self, result: Result) -> Done:
        """Tell that nothing was done; what had been achieved comes as facts."""
        self._known = self._known.learn(self._perceive(), set())
        return Done(result, [list(goal) for goal in self._achieved], self._known)

    def run_plan(self, steps: list[str]) -> list[Done]:
        """Carry commands out up to the first that fails, and undo them.

        As in clembench, what was achieved by them is kept, and so is what was learned
        by the first of them if any fails.
        """
        world, known, first = self.world, self._known, None
        self.world, done = world.copy(), []
        for step in steps:
            done.append(self.run(step))
            first = first or self._known
            if done[-1].result.failed:
                known = first
                break
        self.world, self._known = world, known
        return done

    def _perceive(self) -> frozenset[Learned]:
        return perceive(self.world, self._terms.limit is not None)


def write_fact(fact: Fact) -> str:
    """Write a fact as instances have it: "on(book1,table1)"."""
    return f"{fact[0]}({','.join(fact[1:])})"
