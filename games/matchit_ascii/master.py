"""The referee of matchit_ascii: a fixed script of 16 replies, the last two decide."""

from games.contract import GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Accepted, Flaw, Malformed, Outcome
from games.kit.grids import SIZE, Grid, parse_grid
from games.kit.prompts import read_prompt
from games.matchit_ascii.events import Decision, NoDecision
from games.matchit_ascii.rules import (
    DIFFERENT,
    QUESTIONS,
    SAME,
    SCRIPT,
    A,
    Act,
    B,
    count_rounds,
    has_flag,
    name_flaw,
    read_verdict,
)

GRID = {A: "grid_a", B: "grid_b"}
"""The field that holds each role's grid."""
PROMPTS = {
    Act.DESCRIBE: "initial_prompt",
    Act.ASK: "q_reprompt",
    Act.ANSWER: "a_request",
    Act.DECIDE: "d_reprompt",
}
"""clembench's names of the texts that ask for each act."""

SPEC = GameSpec(
    name="matchit_ascii",
    version=2,
    roles=(A, B),
    max_turns=len(SCRIPT),
    variants=("same_grid", "similar_grid_1", "similar_grid_2", "different_grid"),
    max_reply_tokens=128,
    fields=dict.fromkeys(GRID.values(), str),
    options={
        **dict.fromkeys((*PROMPTS.values(), "desc_intro"), str),
        "decision_turn": int,
    },
    deck=(
        *("same_grid", "similar_grid_1"),
        *("same_grid", "similar_grid_2"),
        *("same_grid", "different_grid"),
    ),
)

_WITH_NEWS = {SCRIPT.index((B, Act.ASK)), SCRIPT.index((A, Act.DECIDE))}
"""Where a question or a decision is asked for right after the other has spoken."""


class MatchIt(GameMaster):
    """One episode of matchit_ascii."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        if instance.data.get("decision_turn", QUESTIONS) != QUESTIONS:
            raise InstanceError(
                f"matchit_ascii instance {instance.instance_id}: 'decision_turn' must "
                f"be {QUESTIONS}, every player asks as many questions"
            )
        self._solution = name_answer(instance)
        self._position = 0
        """How many replies were taken."""
        self._said: dict[tuple[str, Act], str] = {}
        """The last reply of each kind, flag included."""
        self._right = 0
        """How many players decided correctly."""

    def observe(self) -> str:
        """Tell what the other has said since, and what is asked for."""
        _, act = SCRIPT[self._position]
        text = find_request(self.instance, act)
        if act is Act.DESCRIBE:
            return text.replace("$GRID$", self.instance.data[GRID[self.mover]])
        if act is Act.ANSWER:
            return f"{self._hear()}\n{self._quote_other(Act.ASK)}{text}"
        return f"{self._hear()}\n{text}" if self._position in _WITH_NEWS else text

    def step(self, reply: str) -> None:
        """Judge the flag, and a decision by all of its text."""
        role, act = SCRIPT[self._position]
        if not has_flag(reply.strip(), act):
            self.emit(Malformed(name_flaw(reply.strip(), act)))
            self.abort()
        elif act is Act.DECIDE:
            self._decide(read_verdict(reply))
        else:
            self.emit(Accepted())
            self._said[role, act] = reply.strip()
            self._move_on()

    def _decide(self, verdict: str | None) -> None:
        """Count a decision; the second one ends the episode."""
        if verdict is None:
            self.emit(NoDecision(Flaw.UNREADABLE))
            self.abort("decision")
            return
        is_right = verdict == self._solution
        self.emit(Decision(self.mover, is_right))
        self._right += is_right
        if self._position < len(SCRIPT) - 1:
            self._move_on()
        elif self._right == len(SPEC.roles):
            self.end(Outcome.SUCCESS, "both right")
        else:
            self.end(Outcome.LOSE, "wrong decision")

    def _move_on(self) -> None:
        self._position += 1
        self.round = count_rounds(self._position)
        self.role = SCRIPT[self._position][0]

    def _hear(self) -> str:
        """Quote the other's last answer or, before there is one, its description."""
        intro = self.instance.data.get("desc_intro", "")
        return self._quote_other(Act.ANSWER) or intro + self._quote_other(Act.DESCRIBE)

    def _quote_other(self, act: Act) -> str:
        other = B if self.role == A else A
        return self._said.get((other, act), "")

    @property
    def main_score(self) -> float:
        """100 if both decide correctly, else 0; NaN when aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))


def read_grid(instance: Instance, role: str) -> Grid:
    """Read a role's grid.

    Raises:
        InstanceError: it is no grid.
    """
    grid = parse_grid(instance.data[GRID[role]])
    if grid is None:
        raise InstanceError(
            f"matchit_ascii instance {instance.instance_id}: '{GRID[role]}' is not a "
            f"{SIZE} by {SIZE} grid: regenerate the instances or mend the file"
        )
    return grid


def name_answer(instance: Instance) -> str:
    """Name what the players should decide."""
    a, b = (read_grid(instance, role) for role in SPEC.roles)
    return SAME if a == b else DIFFERENT


def find_request(instance: Instance, act: Act) -> str:
    """Find the text that asks for an act: the instance's own, or else ours."""
    own = read_prompt("matchit_ascii", f"{PROMPTS[act]}.txt")
    return instance.data.get(PROMPTS[act]) or own
