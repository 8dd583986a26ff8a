"""The referee of guesswhat: questions and answers until the one guess."""

import functools
from pathlib import Path

from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError
from games.guesswhat.rules import GUESS, Fault, fault_of_question, guess_of, is_answer
from games.kit.requests import round_requests, round_scores

GUESSER, ANSWERER = "guesser", "answerer"
MAX_ROUNDS = 8
FAST_ROUNDS = 5
"""Guessed within as many rounds, the word earns the full score."""

SPEC = GameSpec(
    name="guesswhat",
    version=2,
    roles=(GUESSER, ANSWERER),
    max_turns=2 * MAX_ROUNDS,
    variants=(
        "Level_1",
        "Level_2",
        "Level_3",
        "Abs_Level_1",
        "Abs_Level_2",
        "Abs_Level_3",
    ),
    max_reply_tokens=40,
    fields={"target_word": str, "candidate_list": list},
)


class GuessWhat(GameMaster):
    """One episode of guesswhat."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._target: str = instance.data["target_word"]
        self._candidates: list[str] = instance.data["candidate_list"]
        if self._target not in self._candidates:
            raise InstanceError(
                f"guesswhat instance {instance.instance_id}: the target "
                f"'{self._target}' is not in its candidate list, mend the file"
            )
        self._max_rounds: int = instance.data.get("max_turns", MAX_ROUNDS)
        self._said = ""
        """The last reply, which the other role sees as it is."""

    def observe(self) -> str:
        """Return the role's prompt in its first round, and the other's last reply."""
        if self.round > 0:
            return self._said
        if self.role == GUESSER:
            return self._guesser_prompt()
        return f"{self._answerer_prompt()}\n\n{self._said}"

    def step(self, reply: str) -> None:
        """Judge a question, an answer or the guess."""
        if self.role == ANSWERER:
            self._take_answer(reply)
        elif reply.startswith(GUESS):
            self._take_guess(reply)
        elif fault := fault_of_question(reply):
            self._refuse(fault)
        else:
            self.role = ANSWERER
        self._said = reply

    def _take_answer(self, answer: str) -> None:
        """Begin the next round, if there is one."""
        if not is_answer(answer):
            self._refuse(Fault.ANSWER)
        elif self.round + 1 >= self._max_rounds:
            self.note("max turns reached", str(self._max_rounds))
            self.end(Outcome.LOSE, "turn limit")
        else:
            self.role, self.round = GUESSER, self.round + 1

    def _take_guess(self, reply: str) -> None:
        """End the episode: there is but one guess."""
        guess = guess_of(reply)
        if guess is None:
            self._refuse(Fault.WORDS)
            return
        is_right = guess == self._target.lower()
        kind = "correct guess" if is_right else "incorrect guess"
        self.note(kind, guess)
        self.note(kind, "end game")
        if is_right:
            self.end(Outcome.SUCCESS, "solved")
        else:
            self.end(Outcome.LOSE, "wrong guess")

    def _refuse(self, fault: Fault) -> None:
        """Abort, saying why."""
        self.note(fault.kind, str(fault))
        self.note(fault.kind, "abort game")
        self.abort()

    @property
    def main_score(self) -> float:
        """100 up to round 5, then falling to 0 in round 8; 0 if lost."""
        if self.outcome is not Outcome.SUCCESS:
            return self.score_or_nan(0)
        if self.round < FAST_ROUNDS:
            return 100.0
        left = self._max_rounds - self.round - 1
        return 100 * left / (self._max_rounds - FAST_ROUNDS)

    def episode_scores(self) -> dict[str, float]:
        """Return the request counts, who broke which rule, and the speed if solved."""
        # nothing is noted behind the fault that aborts
        fault = self.notes[-1].kind if self.is_aborted else ""
        faults = {
            f"Invalid {what} {role} response": int(
                (fault, self.ended_by) == (f"invalid {what}", role)
            )
            for what in ("format", "content")
            for role in self.spec.roles
        }
        solved = self.outcome is Outcome.SUCCESS
        speed = {"Speed": self.main_score} if solved else {}
        return round_requests(self) | faults | speed

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return the accuracy and the request counts of each round."""
        return round_scores(self)

    def _guesser_prompt(self) -> str:
        prompt = self.instance.data.get("guesser_prompt") or _prompt(GUESSER)
        prompt = prompt.replace("$N$", str(self._max_rounds - 1))
        return prompt.replace("$LIST$", str(self._candidates))

    def _answerer_prompt(self) -> str:
        prompt = self.instance.data.get("answerer_prompt") or _prompt(ANSWERER)
        return prompt.replace("$TARGET WORD$", self._target)


@functools.cache
def _prompt(role: str) -> str:
    """Return a role's own prompt."""
    path = Path(__file__).with_name("prompts") / f"{role}.txt"
    return path.read_text(encoding="utf-8").removesuffix("\n")
