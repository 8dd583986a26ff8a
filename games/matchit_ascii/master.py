"""The referee of matchit_ascii: a fixed script of 16 replies, the last two decide."""

import functools
from collections import Counter
from pathlib import Path

from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError
from games.kit.grids import SIZE, Grid, parse_grid
from games.matchit_ascii.rules import (
    DIFFERENT,
    QUESTIONS,
    SAME,
    SCRIPT,
    A,
    Act,
    B,
    has_flag,
    round_of,
    verdict_of,
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
)

VALID, BAD_FORMAT, BAD_CONTENT = "valid format", "invalid format", "invalid content"
DECISION = {A: "Decision Player A", B: "Decision Player B"}
"""The kinds of the referee's notes."""

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
        grids = {role: grid_of(instance, role) for role in SPEC.roles}
        self._solution = SAME if grids[A] == grids[B] else DIFFERENT
        self._position = 0
        """How many replies were taken."""
        self._said: dict[tuple[str, Act], str] = {}
        """The last reply of each kind, flag included."""
        self._right = 0
        """How many players decided correctly."""

    def observe(self) -> str:
        """Return what the other has said since, and what is asked for."""
        _, act = SCRIPT[self._position]
        text = request(self.instance, act)
        if act is Act.DESCRIBE:
            return text.replace("$GRID$", self.instance.data[GRID[self.role]])
        if act is Act.ANSWER:
            return f"{self._heard()}\n{self._other(Act.ASK)}{text}"
        return f"{self._heard()}\n{text}" if self._position in _WITH_NEWS else text

    def step(self, reply: str) -> None:
        """Judge the flag, and a decision by all of its text."""
        role, act = SCRIPT[self._position]
        if not has_flag(reply, act):
            self._refuse(BAD_FORMAT, "abort, wrong flag.", "format")
            return
        self.note(VALID, "continue")
        if act is Act.DECIDE:
            self._decide(verdict_of(reply))
        else:
            self._said[role, act] = reply
            self._move_on()

    def _decide(self, verdict: str | None) -> None:
        """Count a decision; the second one ends the episode."""
        if verdict is None:
            self._refuse(BAD_CONTENT, "abort, wrong message content.", "decision")
            return
        is_right = verdict == self._solution
        self.note(DECISION[self.role], "success" if is_right else "loss")
        self._right += is_right
        if self._position < len(SCRIPT) - 1:
            self._move_on()
        elif self._right == len(SPEC.roles):
            self.end(Outcome.SUCCESS, "both right")
        else:
            self.end(Outcome.LOSE, "wrong decision")

    def _refuse(self, kind: str, content: str, reason: str) -> None:
        self.note(kind, content)
        self.note("Game over", "Aborted")
        self.abort(reason)

    def _move_on(self) -> None:
        self._position += 1
        self.round = round_of(self._position)
        self.role = SCRIPT[self._position][0]

    def _heard(self) -> str:
        """Return the other's last answer or, before there is one, its description."""
        intro = self.instance.data.get("desc_intro", "")
        return self._other(Act.ANSWER) or intro + self._other(Act.DESCRIBE)

    def _other(self, act: Act) -> str:
        other = B if self.role == A else A
        return self._said.get((other, act), "")

    @property
    def main_score(self) -> float:
        """100 if both decide correctly, else 0; NaN when aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))

    def episode_scores(self) -> dict[str, float]:
        """Return clembench's request counts, and 50 for each correct decision.

        A decision with its flag that is no decision counts twice, as in clembench: as
        a parsed request and as a violated one.
        """
        noted = Counter(note.kind for note in self.notes)
        return {
            **_request_counts(noted),
            "Player Score": self.score_or_nan(50 * self._right),
        }

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return the request counts of each round."""
        noted = {number: Counter() for number in range(self.round + 1)}
        for note in self.notes:
            noted[note.round][note.kind] += 1
        return {str(number): _request_counts(one) for number, one in noted.items()}


def _request_counts(noted: Counter[str]) -> dict[str, float]:
    """Return clembench's request counts, from how often the referee noted what."""
    parsed, violated = noted[VALID], noted[BAD_FORMAT] + noted[BAD_CONTENT]
    return {
        "Request Count": float(parsed + violated),
        "Parsed Request Count": float(parsed),
        "Violated Request Count": float(violated),
    }


def grid_of(instance: Instance, role: str) -> Grid:
    """Return a role's grid.

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


def request(instance: Instance, act: Act) -> str:
    """Return the text that asks for an act: the instance's own, or else ours."""
    return instance.data.get(PROMPTS[act]) or _prompt(PROMPTS[act])


@functools.cache
def _prompt(name: str) -> str:
    """Return one of our own texts; `a_request` begins with a line break."""
    path = Path(__file__).with_name("prompts") / f"{name}.txt"
    return path.read_text(encoding="utf-8").removesuffix("\n")
