"""What carries commands out, one by one or as a plan, and tells what came of them."""

from dataclasses import dataclass
from typing import Any

from games.adventuregame.actions import Result, Terms, perform
from games.adventuregame.exploration import (
    Known,
    Measure,
    count_of,
    perceived,
    rooms_in,
)
from games.adventuregame.understanding import PARSING_FAILURES
from games.adventuregame.world import Fact, World


@dataclass(frozen=True)
class Done:
    """What came of a command, as clembench notes it."""

    result: Result
    goals: list[Any]
    """That hold: as texts, but as facts where the command failed."""
    info: dict[str, Any]
    """Why it failed, or what it was; and what is known by now."""

    def as_list(self) -> list[Any]:
        """Return it as it stands among the results of a plan."""
        return [self.goals, self.result.text, self.info]


class Interpreter:
    """A house, what its player knows of it, and which goals it has reached."""

    def __init__(self, world: World, goals: list[Fact], terms: Terms) -> None:
        self.world, self.goals, self._terms = world, goals, terms
        things, rooms = (sum(1 for _ in world.about(kind)) for kind in ("type", "room"))
        self._measure = Measure(things, rooms, goals)
        seen = self._perceived()
        self._known = Known(seen, rooms_in(seen))
        self._achieved: list[Fact] = []
        """Goals that held after the last command that was carried out, plans' too."""

    def num_achieved(self) -> int:
        """Return how many goals hold."""
        return sum(goal in self.world for goal in self.goals)

    def run(self, text: str) -> Done:
        """Carry a command out, if it can be."""
        world, count = self.world, count_of(self.world)
        world.removed.clear()
        result = perform(world, text, self._terms)
        if result.failed:
            return self._failed(result)
        removed = {*world.removed}
        if self._terms.limit is not None and count_of(world) != count:
            removed.add(count)
        self._known = self._known.then(self._perceived(), removed)
        self._achieved = [goal for goal in self.goals if goal in world]
        info = {
            "action_type": result.action,
            "exploration_info": self._measure.info(self._known, result.action),
        }
        if result.is_done:
            info["done_action"] = True
        return Done(result, [text_of(goal) for goal in self._achieved], info)

    def _failed(self, result: Result) -> Done:
        """Return that nothing was done; what had been achieved comes as facts."""
        self._known = self._known.then(self._perceived(), set())
        failed = result.failed
        action = "" if failed.kind in PARSING_FAILURES else result.action
        info = {
            "phase": failed.phase,
            "fail_type": failed.kind,
            "arg": failed.arg,
            "exploration_info": self._measure.info(self._known, action),
        }
        return Done(result, [list(goal) for goal in self._achieved], info)

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

    def _perceived(self) -> frozenset[Fact]:
        return perceived(self.world, self._terms.limit is not None)


def text_of(fact: Fact) -> str:
    """Return a fact as an instance writes it: "on(book1,table1)"."""
    return f"{fact[0]}({','.join(fact[1:])})"
