"""The referee of wordle, alone, with a clue, and with a clue and a critic.

The guesser guesses until solved or out of rounds; with a critic each round is a
proposal, the critic's opinion of it, and the guess that counts.
"""

import functools
from pathlib import Path
from typing import Any

from games.contract import GameMaster, GameSpec, Instance, Outcome
from games.errors import InstanceError
from games.wordle.rules import (
    AGREEMENT,
    CLUE,
    EXPLANATION,
    FEEDBACK,
    GUESS,
    ROUNDS,
    UNKNOWN_WORDS,
    V2,
    V3,
    VERDICT,
    VERDICT_REASON,
    Fault,
    Said,
    agreement_of,
    feedback,
    guess_of,
)
from games.wordle.scores import (
    SCORES,
    guess_scores,
    opinion_ratios,
    repetitions,
    request_counts,
)
from games.wordle.words import allowed_words, word_set

GUESSER, CRITIC = "guesser", "critic"
FREQUENCIES = ("high", "medium")

WORDLE = GameSpec(
    name="wordle",
    version=2,
    roles=(GUESSER,),
    max_turns=ROUNDS * (UNKNOWN_WORDS + 1),
    variants=tuple(f"{f}_frequency_words_no_clue_no_critic" for f in FREQUENCIES),
    max_reply_tokens=96,
    fields={"target_word": str},
    rules=(V2, V3),
)
WITH_CLUE = GameSpec(
    name="wordle_withclue",
    version=2,
    roles=(GUESSER,),
    max_turns=ROUNDS * (UNKNOWN_WORDS + 1),
    variants=tuple(f"{f}_frequency_words_clue_no_critic" for f in FREQUENCIES),
    max_reply_tokens=96,
    fields={"target_word": str, "target_word_clue": str},
    rules=(V2, V3),
)
WITH_CRITIC = GameSpec(
    name="wordle_withcritic",
    version=2,
    roles=(GUESSER, CRITIC),
    max_turns=ROUNDS * (2 * (UNKNOWN_WORDS + 1) + 1),
    variants=tuple(f"{f}_frequency_words_clue_with_critic" for f in FREQUENCIES),
    max_reply_tokens=96,
    fields={"target_word": str, "target_word_clue": str},
    rules=(V2, V3),
)


class Wordle(GameMaster):
    """One episode of wordle without clue and critic."""

    spec = WORDLE

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        data = instance.data
        self._target: str = data["target_word"]
        if self._target not in self._allowed_words():
            raise InstanceError(
                f"{self.spec.name} instance {instance.instance_id}: the target "
                f"'{self._target}' is not in its word list, mend the file"
            )
        # the fields of the spec are what clembench's referee keeps repeating
        self._facts = "\n".join(f"{name} = {data[name]}" for name in self.spec.fields)
        self._guesses: list[str] = []
        """The guesses that counted."""
        self._explanations: list[str] = []
        self._feedbacks: list[str] = []
        self._unknown = 0
        """Unknown words in a row."""
        self._requests = self._violated = 0
        self._message = self._first_message()

    def observe(self) -> str:
        """Return the prompt (and the clue), later feedback or a request to retry."""
        return self._message

    def step(self, reply: str) -> None:
        """Judge a guess."""
        self._requests += 1
        self._judge_guess(reply)

    def _judge_guess(self, reply: str) -> None:
        """Take a guess if it is a known word; ask again a few times if it is not."""
        said = guess_of(reply, self.rules)
        if isinstance(said, Fault):
            self._violate(said, GUESS)
        elif said.value in self._allowed_words():
            self._unknown = 0
            self._take_guess(said)
        else:
            self._refuse_unknown()

    def _refuse_unknown(self) -> None:
        """Ask again, unless too many words in a row were unknown."""
        self.note("metadata", f"Error: {Fault.UNKNOWN}")
        if self._unknown == UNKNOWN_WORDS:
            self._note_abort()
            self.abort("unknown words")
        else:
            self._unknown += 1
            self._message = self._with_reminder(self._text("unknown_word"))

    def _take_guess(self, said: Said) -> None:
        """End the episode, or begin the next round with feedback."""
        marks = feedback(said.value, self._target)
        self._guesses.append(said.value)
        self._explanations.append(said.explanation)
        self._feedbacks.append(marks)
        self.note(
            "metadata",
            f"attempts = {self.round + 1}\n{self._facts}\nguess = {said.value}\n"
            f"guess_feedback = {marks}",
        )
        if said.value == self._target:
            self.note("correct guess", "game_result = WIN")
            self.end(Outcome.SUCCESS, "solved")
        elif self.round + 1 == ROUNDS:
            self.note("max rounds played", "game_result = LOSS")
            self.end(Outcome.LOSE, "turn limit")
        else:
            self.round += 1
            self._message = self._with_reminder(f"{FEEDBACK} {marks}")

    def _violate(self, fault: Fault, tag: str) -> None:
        """Abort, and count the reply as one that could not be read."""
        self._violated += 1
        self.note("metadata", f"Error: {fault.format(tag=tag)}")
        self._note_abort()
        self.abort()

    def _note_abort(self) -> None:
        self.note("invalid format", "game_result = ABORT")

    @property
    def main_score(self) -> float:
        """Falling with the round in which the word was found; 0 if it was not."""
        if self.outcome is not Outcome.SUCCESS:
            return self.score_or_nan(0)
        return SCORES[self.spec.name][self.round]

    def episode_scores(self) -> dict[str, float]:
        """Return clembench's request counts, one a reply, and repeated guesses."""
        return request_counts(self._requests, self._violated) | {
            "Guess Repetitions": self.score_or_nan(repetitions(self._guesses))
        }

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return how close each guess was, and how well it used the feedback."""
        return guess_scores(
            self._guesses, self._target, self.outcome is Outcome.SUCCESS
        )

    def transcript_keys(self) -> dict[str, Any]:
        """Return the outcome, the request counts, and all guesses with feedback."""
        counts = request_counts(self._requests, self._violated)
        del counts["Request Success Ratio"]
        return {
            "Aborted": int(self.outcome is Outcome.ABORTED),
            "Lose": int(self.outcome is Outcome.LOSE),
            "Success": int(self.outcome is Outcome.SUCCESS),
            **counts,
            "Guesser Guesses": self._guesses,
            "Guesser Feedbacks": self._feedbacks,
            "Guesser Explanations": self._explanations,
        }

    def _allowed_words(self) -> frozenset[str]:
        text = self.instance.data.get("allowed_words")
        return word_set(text) if text else allowed_words()

    def _first_message(self) -> str:
        return self._text("guesser_prompt", f"{self.spec.name}_guesser")

    def _text(self, field: str, own: str = "") -> str:
        """Return a text of the instance's, else our own of that file name."""
        return self.instance.data.get(field) or _own_text(own or field)

    def _with_reminder(self, message: str) -> str:
        """Return a message to the guesser with the format behind it."""
        return f"{message}\n\n{self._text('guess_reminder')}"


class WordleWithClue(Wordle):
    """One episode of wordle with a clue in the first message."""

    spec = WITH_CLUE

    def _first_message(self) -> str:
        return f"{super()._first_message()}\n\n{self._clue()}"

    def _clue(self) -> str:
        return f"{CLUE} {self.instance.data['target_word_clue']}"


class WordleWithCritic(WordleWithClue):
    """One episode of wordle with a clue and a critic of every proposal."""

    spec = WITH_CRITIC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._proposals: list[str] = []
        self._opinions: list[str] = []
        """The critic's, "yes" or "no", one for each proposal."""

    def step(self, reply: str) -> None:
        """Judge a guess or an opinion."""
        self._requests += 1
        if self.role == CRITIC:
            self._judge_opinion(reply)
        else:
            self._judge_guess(reply)

    def _take_guess(self, said: Said) -> None:
        """Show a proposal to the critic; let the guess after it count."""
        if len(self._opinions) > len(self._guesses):
            super()._take_guess(said)
            return
        self._proposals.append(said.value)
        shown = (
            f"{self._clue()}\n{EXPLANATION} {said.explanation}\n{GUESS} {said.value}"
        )
        if self.round == 0:
            prompt = self._text("critic_prompt", f"{self.spec.name}_critic")
            self._message = f"{prompt}\n\n{shown}"
        else:
            self._message = f"{shown}\n\n{self._text('agreement_reminder')}"
        self.role = CRITIC

    def _judge_opinion(self, reply: str) -> None:
        """Tell the guesser what the critic thinks."""
        said = agreement_of(reply, self.rules)
        if isinstance(said, Fault):
            self._violate(said, AGREEMENT)
            return
        self._opinions.append(said.value)
        told = f"{VERDICT} {said.value}\n{VERDICT_REASON} {said.explanation}"
        self._message = self._with_reminder(f"{self._clue()}\n{told}")
        self.role = GUESSER

    def episode_scores(self) -> dict[str, float]:
        """Return besides how the guesser took the critic's opinions."""
        rounds = list(zip(self._proposals, self._opinions, self._guesses, strict=False))
        return super().episode_scores() | opinion_ratios(rounds)

    def turn_scores(self) -> dict[str, dict[str, float]]:
        """Return besides in which rounds the guesser changed its mind."""
        scores = super().turn_scores()
        pairs = zip(self._proposals, self._guesses, strict=False)
        for number, (before, after) in enumerate(pairs, start=1):
            scores[str(number)]["Change-Of-Opinion"] = int(before != after)
        return scores

    def transcript_keys(self) -> dict[str, Any]:
        """Return besides all proposals and opinions."""
        return super().transcript_keys() | {
            "Guesser Guesses": self._proposals,
            "Guesser Guesses Committed": self._guesses,
            "Critic Judgements": self._opinions,
        }


@functools.cache
def _own_text(name: str) -> str:
    """Return one of our own prompts and messages."""
    path = Path(__file__).with_name("prompts") / f"{name}.txt"
    return path.read_text(encoding="utf-8").removesuffix("\n")
