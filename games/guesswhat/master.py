"""The referee of guesswhat: questions and answers until the one guess."""

from games.contract import GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Accepted, Outcome
from games.guesswhat.events import BadReply, ForbiddenQuestion, Guess, LastRound
from games.guesswhat.rules import (
    GUESS,
    Mistake,
    find_mistake,
    is_answer,
    name_flaw,
    read_guess,
)
from games.kit.limits import read_limit
from games.kit.prompts import read_prompt

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
    options={"guesser_prompt": str, "answerer_prompt": str, "max_turns": int},
)


class GuessWhat(GameMaster):
    """One episode of guesswhat."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._target: str = instance.data["target_word"]
        self._candidates: list[str] = instance.data["candidate_list"]
        if not all(isinstance(word, str) for word in self._candidates):
            raise InstanceError(
                f"guesswhat instance {instance.instance_id}: every candidate must be a "
                "text, mend the file"
            )
        if self._target not in self._candidates:
            raise InstanceError(
                f"guesswhat instance {instance.instance_id}: the target "
                f"'{self._target}' is not in its candidate list, mend the file"
            )
        self._max_rounds: int = read_limit(instance, "max_turns", MAX_ROUNDS)
        self._said = ""
        """The last reply, which the other role sees as it is."""

    def observe(self) -> str:
        """Show the role's prompt in its first round, and the other's last reply."""
        if self.round > 0:
            return self._said
        if self.role == GUESSER:
            return self._fill_guesser_prompt()
        return f"{self._fill_answerer_prompt()}\n\n{self._said}"

    def step(self, reply: str) -> None:
        """Judge a question, an answer or the guess."""
        if self.role == ANSWERER:
            self._take_answer(reply)
        elif reply.startswith(GUESS):
            self._take_guess(reply)
        else:
            self._take_question(reply)
        self._said = reply

    def _take_question(self, reply: str) -> None:
        """Let the answerer reply to a question that is allowed."""
        if mistake := find_mistake(reply):
            self._refuse(reply, mistake)
        else:
            self.emit(Accepted())
            self.role = ANSWERER

    def _take_answer(self, reply: str) -> None:
        """Begin the next round, if there is one."""
        if not is_answer(reply):
            self._refuse(reply, Mistake.ANSWER)
            return
        self.emit(Accepted())
        if self.round + 1 >= self._max_rounds:
            self.emit(LastRound(self._max_rounds))
            self.end(Outcome.LOSE, "turn limit")
        else:
            self.role, self.round = GUESSER, self.round + 1

    def _take_guess(self, reply: str) -> None:
        """End the episode: there is but one guess."""
        guess = read_guess(reply)
        if guess is None:
            self._refuse(reply, Mistake.WORDS)
            return
        is_right = guess == self._target.lower()
        self.emit(Guess(guess, is_right))
        if is_right:
            self.end(Outcome.SUCCESS, "solved")
        else:
            self.end(Outcome.LOSE, "wrong guess")

    def _refuse(self, reply: str, mistake: Mistake) -> None:
        """Abort, saying why."""
        if mistake.is_forbidden:
            self.emit(ForbiddenQuestion(mistake))
        else:
            self.emit(BadReply(name_flaw(reply, mistake), mistake))
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

    def _fill_guesser_prompt(self) -> str:
        own = read_prompt("guesswhat", "guesser.txt")
        prompt = self.instance.data.get("guesser_prompt") or own
        prompt = prompt.replace("$N$", str(self._max_rounds - 1))
        return prompt.replace("$LIST$", str(self._candidates))

    def _fill_answerer_prompt(self) -> str:
        own = read_prompt("guesswhat", "answerer.txt")
        prompt = self.instance.data.get("answerer_prompt") or own
        return prompt.replace("$TARGET WORD$", self._target)
