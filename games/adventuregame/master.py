"""The referee of adventuregame: one player brings three things to their places.

Departures from clembench are listed in the README.
"""

import functools
from pathlib import Path
from typing import Any

from games.adventuregame.actions import Terms, perform
from games.adventuregame.describe import V2, V3, describe_room
from games.adventuregame.grammar import DONE, NEXT, TAG, command_of, normalized, plan_of
from games.adventuregame.scores import (
    Log,
    Planned,
    action_scores,
    plan_scores,
    request_scores,
    speed_scores,
)
from games.adventuregame.world import Fact, World, fact_of, world_of
from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError

ADVENTURER = "adventurer"
BASIC, PLAN = "basic", "plan"
MAX_TURNS = 50
LIMIT = 2
_LIMITED = "basic_actions_v2_invlimit.json"
_MOST_STEPS = 30
"""So many commands of a plan are tried at most."""

SPEC = GameSpec(
    name="adventuregame",
    version=2,
    roles=(ADVENTURER,),
    max_turns=MAX_TURNS,
    variants=tuple(
        f"home_deliver_three_{form}_{level}{limit}"
        for limit in ("", "_invlimittwo")
        for level in ("easy", "hard")
        for form in ("basic", "planning")
    ),
    max_reply_tokens=96,
    fields={
        "variant": str,
        "initial_state": list,
        "goal_state": list,
        "max_turns": int,
        "optimal_turns": int,
        "action_definitions": list,
    },
    rules=(V2, V3),
)


class AdventureGame(GameMaster):
    """One episode of adventuregame."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        data = instance.data
        try:
            self._world = world_of(data["initial_state"])
            self._goals = goals_of(instance, self._world)
        except ValueError as error:
            raise InstanceError(
                f"adventuregame instance {instance.instance_id}: {error}, mend the file"
            ) from error
        if not 1 <= data["max_turns"] <= MAX_TURNS or data["variant"] not in (
            BASIC,
            PLAN,
        ):
            raise InstanceError(
                f"adventuregame instance {instance.instance_id}: max_turns must be 1 "
                f"to {MAX_TURNS} and variant '{BASIC}' or '{PLAN}', mend the file"
            )
        self._terms = Terms(limit_of(instance), self.rules)
        self._plans: list[list[str]] = []
        """What the player said that it would do next, each time that it said so."""
        self._is_finished = False
        """Whether all goals hold; by v2 also if they once did, and were undone."""
        self._log = Log()
        self._said = prompt_of(instance, self._world) + describe_room(self._world)

    def observe(self) -> str:
        """Return the prompt and the first room, or what the last command led to."""
        return self._said

    def step(self, reply: str) -> None:
        """Carry a command out, and end the episode if it says so or is in bad form."""
        self._log.turns += 1
        if not self._is_well_formed(reply):
            self._log.is_hallucinating = DONE in reply
            self.abort()
            return
        result = perform(self._world, command_of(reply), self._terms)
        self._log.results.append(result)
        self._said = result.text
        is_kept = self._is_finished and self.rules == V2
        self._is_finished = is_kept or self._num_achieved() == len(self._goals)
        if self.instance.data["variant"] == PLAN:
            self._note_plan(reply)
        if self._log.turns >= self.instance.data["max_turns"]:
            self.abort("turn limit")
        elif result.is_done:
            self._stop()
        else:
            self.round += 1

    def _is_well_formed(self, reply: str) -> bool:
        """Whether there is a command, and a plan where there must be one."""
        if not reply.startswith(TAG):
            return False
        return self.instance.data["variant"] != PLAN or NEXT in reply or DONE in reply

    def _stop(self) -> None:
        """End an episode whose player says that it is done."""
        if self._is_finished:
            self.end(Outcome.SUCCESS, "delivered")
        else:
            self._log.is_hallucinating = True
            self.end(Outcome.LOSE, "stopped early")

    def _note_plan(self, reply: str) -> None:
        """Compare the command with the plan before the last, and try the last one.

        A reply without a plan (it says "done") counts as clembench counts it.
        """
        steps = plan_of(reply)
        if steps is not None:
            self._plans.append(steps)
        before = self._plans[-2] if len(self._plans) > 1 else []
        is_followed = command_of(reply) in before[:1]
        last = self._plans[-1] if self._plans else []
        self._log.plans.append(Planned(self._viability(last), is_followed))

    def _viability(self, plan: list[str]) -> float:
        """Return which share of a plan could be carried out up to a failure."""
        world = self._world.copy()
        good = 0
        for step in plan[:_MOST_STEPS]:
            if perform(world, normalized(step), self._terms).failure:
                break
            good += 1
        return good / max(len(plan), 1)

    def _num_achieved(self) -> int:
        return sum(goal in self._world for goal in self._goals)

    @property
    def main_score(self) -> float:
        """The share of goals that hold at the end, in percent."""
        return self.score_or_nan(100 * self._num_achieved() / len(self._goals))

    def transcript_keys(self) -> dict[str, Any]:
        """Return what clembench's scorer has to know of the instance."""
        data = self.instance.data
        named = {key: data[key] for key in ("variant", "max_turns", "optimal_turns")}
        return {"adventure_info": named | {"goal_count": len(self._goals)}}

    def episode_scores(self) -> dict[str, float]:
        """Return clembench's counts of failures, and its scores of speed and plans."""
        data, log = self.instance.data, self._log
        return {
            **request_scores(log),
            **action_scores(log),
            "turn_limit_loss": float(self.reason == "turn limit"),
            **speed_scores(
                log, data["optimal_turns"], data["max_turns"], self._is_finished
            ),
            "achieved_goal_ratio": self._num_achieved() / len(self._goals),
            **plan_scores(log),
        }


def goals_of(instance: Instance, world: World) -> list[Fact]:
    """Return the facts to be brought about.

    Raises:
        ValueError: there are none, or one is not of the form on(book1,table1).
    """
    goals = [fact_of(text) for text in instance.data["goal_state"]]
    named = {fact[1] for fact in world.about("type")}
    if not goals or not all(
        len(g) == 3 and g[0] in ("on", "in") and {*g[1:]} <= named for g in goals
    ):
        raise ValueError("goals must be of the form on(book1,table1)")
    return goals


def limit_of(instance: Instance) -> int | None:
    """Return how many things can be carried, or None where any number can."""
    return LIMIT if _LIMITED in instance.data["action_definitions"] else None


def prompt_of(instance: Instance, world: World) -> str:
    """Return what the player is told before the first room."""
    if "prompt" in instance.data:
        return instance.data["prompt"]
    parts = [
        f"the {world.call(thing)} {prep} the {world.call(place)}"
        for prep, thing, place in goals_of(instance, world)
    ]
    text = _template(instance.data["variant"])
    limit = _template("limit") if limit_of(instance) else ""
    *first, last = parts
    goals = f"{', '.join(first)} and {last}" if first else last
    return text.replace("$LIMIT$", limit).replace("$GOALS$", goals) + "\n\n"


@functools.cache
def _template(name: str) -> str:
    path = Path(__file__).with_name("prompts") / f"{name}.txt"
    return path.read_text(encoding="utf-8").removesuffix("\n")
