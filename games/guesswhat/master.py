"""The referee of guesswhat: questions and answers until the one guess."""

import functools
from pathlib import Path

from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError
from games.guesswhat.rules import GUESS, guess_of, is_allowed_question, is_answer

GUESSER, ANSWERER = "guesser", "answerer"
MAX_ROUNDS = 8
FAST_ROUNDS = 5
"""Guessed within as many rounds, the word earns the full score."""

SPEC = GameSpec(
    name="guesswhat",
    version=1,
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
        self._round = 1
        self._said = ""
        """The last reply, which the other role sees as it is."""

    def observe(self) -> str:
        """Return the role's prompt in round 1, and the other's last reply."""
        if self._round > 1:
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
        elif is_allowed_question(reply):
            self.role = ANSWERER
        else:
            self.abort()
        self._said = reply

    def _take_answer(self, answer: str) -> None:
        """Begin the next round, if there is one."""
        if not is_answer(answer):
            self.abort()
        elif self._round >= self._max_rounds:
            self.end(Outcome.LOSE, "turn limit")
        else:
            self.role, self._round = GUESSER, self._round + 1

    def _take_guess(self, reply: str) -> None:
        """End the episode: there is but one guess."""
        guess = guess_of(reply)
        if guess is None:
            self.abort()
        elif guess == self._target.lower():
            self.end(Outcome.SUCCESS, "solved")
        else:
            self.end(Outcome.LOSE, "wrong guess")

    @property
    def main_score(self) -> float:
        """100 up to round 5, then falling to 0 in round 8; 0 if lost."""
        if self.outcome is not Outcome.SUCCESS:
            return self.score_or_nan(0)
        if self._round <= FAST_ROUNDS:
            return 100.0
        left = self._max_rounds - self._round
        return 100 * left / (self._max_rounds - FAST_ROUNDS)

    def episode_scores(self) -> dict[str, float]:
        """Return clembench's request counts, of which it has one a round."""
        violated = float(self.is_aborted)
        return {
            "Request Count": float(self._round),
            "Parsed Request Count": self._round - violated,
            "Violated Request Count": violated,
            "Request Success Ratio": round((self._round - violated) / self._round, 4),
        }

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
