"""The referee of taboo: clue, guess, clue, guess ... until solved or out of turns."""

import functools
from pathlib import Path

from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError
from games.kit.requests import round_requests, round_scores
from games.taboo.rules import CLUE, GUESS, Clash, clash, content, is_well_formed

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
        self._max_rounds: int = data.get("max_turns", MAX_ROUNDS)
        self._said = ""
        """The last reply, which the other role sees as it is."""

    def observe(self) -> str:
        """Return the role's prompt in round 1, and the other's last reply."""
        if self.round > 0:
            return self._said
        if self.role == DESCRIBER:
            return self._describer_prompt()
        return f"{self._guesser_prompt()}\n\n{self._said}"

    def step(self, reply: str) -> None:
        """Judge a clue or a guess."""
        tag = CLUE if self.role == DESCRIBER else GUESS
        if not is_well_formed(reply, tag):
            self.note("invalid format", "abort game")
            if self.role == GUESSER and self._is_last_round:
                self.note("max rounds reached", str(self._max_rounds))
            self.abort()
            return
        self.note("valid response", "continue")
        if self.role == DESCRIBER:
            self._take_clue(reply)
        else:
            self._take_guess(content(reply, GUESS))
        self._said = reply

    def _take_clue(self, clue: str) -> None:
        """Pass a clue on, unless it says what it must not: then both lose."""
        found = clash(clue, [self._target, *self._related])
        if found is not None:
            self.note("invalid clue", self._complaint(found))
            self.end(Outcome.LOSE, "forbidden word")
        else:
            self.note("valid clue", content(clue, CLUE))
            self.role = GUESSER

    def _take_guess(self, guess: str) -> None:
        """End the episode, or begin the next round: the target is all of the guess."""
        self.note("valid guess", guess)
        if self._is_last_round:
            self.note("max rounds reached", str(self._max_rounds))
        if guess == self._target:
            self.note("correct guess", "end game")
            self.end(Outcome.SUCCESS, "solved")
        elif self._is_last_round:
            self.end(Outcome.LOSE, "turn limit")
        else:
            self.role, self.round = DESCRIBER, self.round + 1

    @property
    def _is_last_round(self) -> bool:
        return self.round + 1 >= self._max_rounds

    def _complaint(self, found: Clash) -> str:
        """Return which forbidden word a clue says, in clembench's words."""
        whose = "Target" if found.forbidden == self._target else "Related"
        return (
            f"{whose} word '{found.forbidden}' (stem={found.stem}) is similar to "
            f"clue word '{found.said}' (stem={found.stem})"
        )

    @property
    def main_score(self) -> float:
        """100 / rounds needed; 0 if lost; NaN if aborted."""
        solved = self.outcome is Outcome.SUCCESS
        return self.score_or_nan(100 / (self.round + 1) if solved else 0)

    def episode_scores(self) -> dict[str, float]:
        """Return clembench's request counts, and the repetitions that it never sees."""
        # its scorer looks for notes that its referee does not make
        repetitions = {"Repetition-Describer": 0, "Repetition-Guesser": 0}
        return round_requests(self) | repetitions

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return the accuracy and the request counts of each round."""
        return round_scores(self)

    def _describer_prompt(self) -> str:
        prompt = self.instance.data.get("describer_prompt") or _prompt(DESCRIBER)
        related = "\n".join(f"- {word}" for word in self._related)
        prompt = prompt.replace("$TARGET_WORD$", self._target)
        prompt = prompt.replace("$REL_WORD$", related)
        return prompt.replace("$N$", str(self._max_rounds))

    def _guesser_prompt(self) -> str:
        prompt = self.instance.data.get("guesser_prompt") or _prompt(GUESSER)
        return prompt.replace("$N$", str(self._max_rounds))


@functools.cache
def _prompt(role: str) -> str:
    """Return a role's own prompt."""
    path = Path(__file__).with_name("prompts") / f"{role}.txt"
    return path.read_text(encoding="utf-8").removesuffix("\n")
