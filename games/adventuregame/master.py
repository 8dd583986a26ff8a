"""The referee of adventuregame: one player brings three things to their places.

Departures from clembench are listed in the README.
"""

from games.adventuregame.actions import Terms
from games.adventuregame.describe import describe_room
from games.adventuregame.events import (
    Action,
    AllAchieved,
    BadReply,
    Claimed,
    FailedAction,
    Missing,
    PlanMade,
    PlanTried,
    TurnBegun,
)
from games.adventuregame.exploration import Measure
from games.adventuregame.grammar import (
    DONE,
    NEXT,
    TAG,
    find_command,
    find_plan,
    normalize,
)
from games.adventuregame.interpreter import Done, Interpreter
from games.adventuregame.world import Fact, World, make_world, parse_fact
from games.contract import V2, GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Flaw, Outcome
from games.kit.flaws import find_flaw
from games.kit.prompts import read_prompt

ADVENTURER = "adventurer"
BASIC, PLAN = "basic", "plan"
MAX_TURNS = 50
LIMIT = 2
_LIMITED = "basic_actions_v2_invlimit.json"
_MOST_STEPS = 30
"""So many commands of a plan are tried at most."""
TURN_LIMIT = "turn limit"
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
    options={"prompt": str},
)


class AdventureGame(GameMaster):
    """One episode of adventuregame."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        data = instance.data
        try:
            self._world = make_world(data["initial_state"])
            self._goals = read_goals(instance, self._world)
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
        terms = Terms(find_limit(instance), self.rules)
        self._interpreter = Interpreter(self._world, self._goals, terms)
        self._plans: list[list[str]] = []
        """What the player said that it would do next, each time that it said so."""
        self.is_finished = False
        """Whether all goals hold; by v2 also if they once did, and were undone."""
        self._num_held = 0
        """How many goals held after the last turn, as its command told them."""
        self._said = write_prompt(instance, self._world) + describe_room(self._world)
        self.emit(TurnBegun(self.round))

    @property
    def measure(self) -> Measure:
        """What there is to be known of the house."""
        return self._interpreter.measure

    def observe(self) -> str:
        """Show the prompt and the first room, or what the last command led to."""
        return self._said

    def step(self, reply: str) -> None:
        """Carry a command out, and end the episode if it says so or is in bad form."""
        if missing := self._find_missing(reply):
            self._refuse(reply, missing)
            return
        steps = find_plan(reply) if self._is_planning else None
        if steps is not None:
            self.emit(PlanMade(steps))
            self._plans.append(steps)
        command = find_command(reply)
        done = self._run(normalize(command))
        if self._is_planning:
            self._try_plan(command)
        self._proceed(done)

    @property
    def _is_planning(self) -> bool:
        return self.instance.data["variant"] == PLAN

    def _find_missing(self, reply: str) -> Missing | None:
        """Find what is missing: a command, or a plan where there must be one."""
        if not reply.startswith(TAG):
            return Missing.COMMAND
        if self._is_planning and NEXT not in reply and DONE not in reply:
            return Missing.PLAN
        return None

    def _refuse(self, reply: str, missing: Missing) -> None:
        """Abort because of a reply in bad form."""
        is_command = missing is Missing.COMMAND
        if is_command and any(word in reply for word in _CLAIMS):
            self.emit(Claimed(reply))
        flaw = find_flaw(reply, TAG) if is_command else Flaw.NO_TAG
        self.emit(BadReply(flaw or Flaw.NO_TAG, missing))
        self.abort()

    def _run(self, command: str) -> Done:
        """Carry a command out, if it can be."""
        done = self._interpreter.run(command)
        self._said = done.result.text
        gained = len(done.goals) - self._num_held
        self._num_held += gained
        kind = FailedAction if done.result.failed else Action
        self.emit(kind(done, gained))
        return done

    def _proceed(self, done: Done) -> None:
        """Go on to the next turn or end the episode."""
        is_finished = self._interpreter.count_achieved() == len(self._goals)
        is_kept = self.is_finished and self.rules == V2
        self.is_finished = is_kept or is_finished
        if is_finished and not done.result.failed:
            self.emit(AllAchieved(done.goals))
        if self.round + 1 >= self.instance.data["max_turns"]:
            self.abort(TURN_LIMIT)
        elif not done.result.is_done:
            self.round += 1
            self.emit(TurnBegun(self.round))
        elif self.is_finished:
            self.end(Outcome.SUCCESS, "delivered")
        else:
            self.end(Outcome.LOSE, "stopped early")

    def _try_plan(self, command: str) -> None:
        """Try the last plan, and compare the command with the plan before it.

        They are compared letter by letter. A reply without a plan (it says "done")
        counts as clembench counts it.
        """
        last = self._plans[-1] if self._plans else []
        done = self._interpreter.run_plan([*map(normalize, last[:_MOST_STEPS])])
        good = sum(not one.result.failed for one in done)
        before = self._plans[-2] if len(self._plans) > 1 else []
        self.emit(
            PlanTried(
                last,
                done,
                viability=good / max(len(last), 1),
                is_followed=command in before[:1],
                is_first=not before,
            )
        )

    @property
    def main_score(self) -> float:
        """The share of goals that hold at the end, in percent."""
        achieved = self._interpreter.count_achieved()
        return self.score_or_nan(100 * achieved / len(self._goals))


def read_goals(instance: Instance, world: World) -> list[Fact]:
    """Read the facts to be brought about.

    Raises:
        ValueError: there are none, or one is not of the form on(book1,table1).
    """
    goals = [parse_fact(text) for text in instance.data["goal_state"]]
    named = {fact[1] for fact in world.list_facts("type")}
    if not goals or not all(
        len(g) == 3 and g[0] in ("on", "in") and {*g[1:]} <= named for g in goals
    ):
        raise ValueError("goals must be of the form on(book1,table1)")
    return goals


def find_limit(instance: Instance) -> int | None:
    """Look up how many things can be carried; None where any number can."""
    return LIMIT if _LIMITED in instance.data["action_definitions"] else None


def write_prompt(instance: Instance, world: World) -> str:
    """Write what the player is told before the first room."""
    if "prompt" in instance.data:
        return instance.data["prompt"]
    parts = [
        f"the {world.call(thing)} {prep} the {world.call(place)}"
        for prep, thing, place in read_goals(instance, world)
    ]
    text = read_prompt("adventuregame", f"{instance.data['variant']}.txt")
    has_limit = find_limit(instance) is not None
    limit = read_prompt("adventuregame", "limit.txt") if has_limit else ""
    *first, last = parts
    goals = f"{', '.join(first)} and {last}" if first else last
    return text.replace("$LIMIT$", limit).replace("$GOALS$", goals) + "\n\n"
