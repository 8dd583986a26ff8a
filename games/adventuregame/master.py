"""The referee of adventuregame: one player brings three things to their places.

Departures from clembench are listed in the README.
"""

import functools
from pathlib import Path
from typing import Any

from games.adventuregame.actions import Result, Terms
from games.adventuregame.describe import V2, V3, describe_room
from games.adventuregame.grammar import DONE, NEXT, TAG, command_of, normalized, plan_of
from games.adventuregame.interpreter import Interpreter
from games.adventuregame.scores import (
    ACTED,
    CLAIM,
    FAILED,
    GOALS,
    INVALID,
    RESULT,
    Log,
    Planned,
    action_scores,
    plan_scores,
    request_scores,
    speed_scores,
    turn_scores,
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
_NO_TAG = "command_tag_missing"
_CLAIMS = ("complete", "finish", DONE, "successfully")
"""One who says so without a command claims to be done."""

SPEC = GameSpec(
    name="adventuregame",
    version=4,
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
        terms = Terms(limit_of(instance), self.rules)
        self._interpreter = Interpreter(self._world, self._goals, terms)
        self._plans: list[list[str]] = []
        """What the player said that it would do next, each time that it said so."""
        self._is_finished = False
        """Whether all goals hold; by v2 also if they once did, and were undone."""
        self._log = Log()
        self._held: list[Any] = []
        """The goals that held after the last turn, as its command told them."""
        self._said = prompt_of(instance, self._world) + describe_room(self._world)
        self._note_round()

    def observe(self) -> str:
        """Return the prompt and the first room, or what the last command led to."""
        return self._said

    def step(self, reply: str) -> None:
        """Carry a command out, and end the episode if it says so or is in bad form."""
        self._log.turns += 1
        if fault := self._fault(reply):
            self._refuse(reply, fault)
            return
        steps = plan_of(reply) if self._is_planning else None
        if steps is not None:
            self.note("turn_plan", steps)
            self._plans.append(steps)
        command = command_of(reply)
        result = self._run(normalized(command))
        if self._is_planning:
            self._try_plan(command)
        self._proceed(result)

    @property
    def _is_planning(self) -> bool:
        return self.instance.data["variant"] == PLAN

    def _fault(self, reply: str) -> str:
        """Return what is missing: a command, or a plan where there must be one."""
        if not reply.startswith(TAG):
            return _NO_TAG
        if self._is_planning and NEXT not in reply and DONE not in reply:
            return "next_actions_missing"
        return ""

    def _refuse(self, reply: str, fault: str) -> None:
        """Abort because of a reply in bad form."""
        if fault == _NO_TAG and any(word in reply for word in _CLAIMS):
            self._log.is_hallucinating = True
            self.note(CLAIM, reply)
        self.note(INVALID, fault)
        self._note_end()
        self.abort()

    def _run(self, command: str) -> Result:
        """Carry a command out, and note what came of it."""
        done = self._interpreter.run(command)
        self._log.results.append(done.result)
        self._said = done.result.text
        self.note(FAILED if done.result.failed else ACTED, done.info)
        gained = len(done.goals) - len(self._held)
        self._held = done.goals
        status = {"goal_states_achieved": done.goals, "turn_goal_score": gained}
        self.note(GOALS, status)
        return done.result

    def _proceed(self, result: Result) -> None:
        """Go on to the next turn or end the episode."""
        is_finished = self._interpreter.num_achieved() == len(self._goals)
        is_kept = self._is_finished and self.rules == V2
        self._is_finished = is_kept or is_finished
        if is_finished and not result.failed:
            self.note("adventure_finished", self._held)
        self._log.is_hallucinating = result.is_done and not self._is_finished
        most, turns = self.instance.data["max_turns"], self._log.turns
        if turns < most and not result.is_done:
            self.round += 1
            self._note_round()
            return
        if turns >= most:
            self.note("turn_limit_reached", f"Turn limit {most} reached, end episode.")
        else:
            text = f"Model produced DONE action at turn {turns}, end episode."
            self.note("model_done", text)
        self._note_end()
        if turns >= most:
            self.abort("turn limit")
        else:
            self._stop()

    def _note_round(self) -> None:
        self.note("metadata", f"Round: {self.round}")

    def _note_end(self) -> None:
        result = {
            "goal_states_achieved": self._held,
            "game_successfully_finished": self._is_finished,
        }
        self.note(RESULT, result)

    def _stop(self) -> None:
        """End an episode whose player says that it is done."""
        if self._is_finished:
            self.end(Outcome.SUCCESS, "delivered")
        else:
            self.end(Outcome.LOSE, "stopped early")

    def _try_plan(self, command: str) -> None:
        """Try the last plan, and compare the command with the plan before it.

        They are compared letter by letter. A reply without a plan (it says "done")
        counts as clembench counts it.
        """
        last = self._plans[-1] if self._plans else []
        done = self._interpreter.run_plan([*map(normalized, last[:_MOST_STEPS])])
        good = sum(not one.result.failed for one in done)
        viability = good / max(len(last), 1)
        before = self._plans[-2] if len(self._plans) > 1 else []
        is_followed = command in before[:1]
        self._log.plans.append(Planned(viability, is_followed))
        self.note("current_plan", str(last))
        self.note("plan_length", len(last))
        self.note("plan_results", [one.as_list() for one in done])
        self.note("plan_command_success_ratio", viability)
        if before:
            self.note("plan_followed", int(is_followed))

    @property
    def main_score(self) -> float:
        """The share of goals that hold at the end, in percent."""
        achieved = self._interpreter.num_achieved()
        return self.score_or_nan(100 * achieved / len(self._goals))

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
            "achieved_goal_ratio": len(self._held) / len(self._goals),
            **plan_scores(log),
        }

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return clembench's scores of each turn, without those that are 0."""
        return turn_scores(self.notes)

    def transcript_keys(self) -> dict[str, Any]:
        """Return what clembench's scorer is told of the instance."""
        names = "variant", "max_turns", "optimal_turns"
        info = {name: self.instance.data[name] for name in names}
        return {"adventure_info": info | {"goal_count": len(self._goals)}}


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
