"""The referee of taboo: clue, guess, clue, guess ... until solved or out of turns."""

from games.contract import GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Malformed, Outcome
from games.kit.limits import read_limit
from games.kit.prompts import read_prompt
from games.taboo.events import Clue, ForbiddenWord, Guess, LastRound
from games.taboo.rules import (
    CLUE,
    GUESS,
    find_clash,
    find_flaw_of_clue,
    find_flaw_of_guess,
    strip_tags,
)

DESCRIBER, GUESSER = "describer", "guesser"
MAX_ROUNDS = 3

SPEC = GameSpec(
    name="taboo",
    version=3,
    roles=(DESCRIBER, GUESSER),
    max_turns=2 * MAX_ROUNDS,
    variants=("high_en", "medium_en", "low_en"),
    max_reply_tokens=48,
    fields={"target_word": str, "related_word": list},
    options={"describer_prompt": str, "guesser_prompt": str, "max_turns": int},
)


class Taboo(GameMaster):
    """One episode of taboo."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        data = instance.data
        self._target: str = data["target_word"]
        self._related: list[str] = data["related_word"]
        if not all(isinstance(word, str) for word in self._related):
            raise InstanceError(
                f"taboo instance {instance.instance_id}: every related word must be "
                "a text, mend the file"
            )
        self._max_rounds: int = read_limit(instance, "max_turns", MAX_ROUNDS)
        self._said = ""
        """The last reply, which the other role sees as it is."""

    def observe(self) -> str:
        """Show the role's prompt in round 1, and the other's last reply."""
        if self.round > 0:
            return self._said
        if self.role == DESCRIBER:
            return self._fill_describer_prompt()
        return f"{self._fill_guesser_prompt()}\n\n{self._said}"

    def step(self, reply: str) -> None:
        """Judge a clue or a guess."""
        if self.role == DESCRIBER:
            self._take_clue(reply)
        else:
            self._take_guess(reply)
        self._said = reply

    def _take_clue(self, reply: str) -> None:
        """Pass a clue on, unless it says what it must not: then both lose."""
        if flaw := find_flaw_of_clue(reply):
            self.emit(Malformed(flaw))
            self.abort()
        elif found := find_clash(reply, [self._target, *self._related]):
            self.emit(ForbiddenWord(found, found.forbidden == self._target))
            self.end(Outcome.LOSE, "forbidden word")
        else:
            self.emit(Clue(strip_tags(reply, CLUE)))
            self.role = GUESSER

    def _take_guess(self, reply: str) -> None:
        """End the episode, or begin the next round: the target is all of the guess."""
        flaw = find_flaw_of_guess(reply)
        guess = "" if flaw else strip_tags(reply, GUESS)
        self.emit(Malformed(flaw) if flaw else Guess(guess))
        if self._is_last_round:
            self.emit(LastRound(self._max_rounds))
        if flaw:
            self.abort()
        elif guess == self._target:
            self.end(Outcome.SUCCESS, "solved")
        elif self._is_last_round:
            self.end(Outcome.LOSE, "turn limit")
        else:
            self.role, self.round = DESCRIBER, self.round + 1

    @property
    def _is_last_round(self) -> bool:
        return self.round + 1 >= self._max_rounds

    @property
    def main_score(self) -> float:
        """100 / rounds needed; 0 if lost; NaN if aborted."""
        solved = self.outcome is Outcome.SUCCESS
        return self.score_or_nan(100 / (self.round + 1) if solved else 0)

    def _fill_describer_prompt(self) -> str:
        own = read_prompt("taboo", "describer.txt")
        prompt = self.instance.data.get("describer_prompt") or own
        related = "\n".join(f"- {word}" for word in self._related)
        prompt = prompt.replace("$TARGET_WORD$", self._target)
        prompt = prompt.replace("$REL_WORD$", related)
        return prompt.replace("$N$", str(self._max_rounds))

    def _fill_guesser_prompt(self) -> str:
        own = read_prompt("taboo", "guesser.txt")
        prompt = self.instance.data.get("guesser_prompt") or own
        return prompt.replace("$N$", str(self._max_rounds))
