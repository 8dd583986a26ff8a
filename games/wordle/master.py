"""The referee of wordle, alone, with a clue, and with a clue and a critic.

The guesser guesses until solved or out of rounds; with a critic each round is a
proposal, the critic's opinion of it, and the guess that counts.
"""

from games.contract import FieldType, GameMaster, GameSpec, Instance
from games.errors import InstanceError
from games.events import Outcome
from games.kit.prompts import read_prompt
from games.wordle.events import BadReply, Guess, Opinion, Proposal, UnknownWord
from games.wordle.rules import (
    AGREEMENT,
    CLUE,
    EXPLANATION,
    FEEDBACK,
    GUESS,
    ROUNDS,
    SCORES,
    UNKNOWN_WORDS,
    VERDICT,
    VERDICT_REASON,
    FormFault,
    Said,
    name_flaw,
    read_agreement,
    read_guess,
    write_feedback,
)
from games.wordle.words import read_allowed, split_words

GUESSER, CRITIC = "guesser", "critic"
FREQUENCIES = ("high", "medium")

OPTIONS: dict[str, FieldType] = dict.fromkeys(
    (
        *("allowed_words", "guesser_prompt", "critic_prompt", "unknown_word"),
        *("guess_reminder", "agreement_reminder"),
    ),
    str,
)
"""What an instance may bring: a word list, and clembench's texts."""

WORDLE = GameSpec(
    name="wordle",
    version=2,
    roles=(GUESSER,),
    max_turns=ROUNDS * (UNKNOWN_WORDS + 1),
    variants=tuple(f"{f}_frequency_words_no_clue_no_critic" for f in FREQUENCIES),
    max_reply_tokens=96,
    fields={"target_word": str},
    options=OPTIONS,
)
WITH_CLUE = GameSpec(
    name="wordle_withclue",
    version=2,
    roles=(GUESSER,),
    max_turns=ROUNDS * (UNKNOWN_WORDS + 1),
    variants=tuple(f"{f}_frequency_words_clue_no_critic" for f in FREQUENCIES),
    max_reply_tokens=96,
    fields={"target_word": str, "target_word_clue": str},
    options=OPTIONS,
)
WITH_CRITIC = GameSpec(
    name="wordle_withcritic",
    version=2,
    roles=(GUESSER, CRITIC),
    max_turns=ROUNDS * (2 * (UNKNOWN_WORDS + 1) + 1),
    variants=tuple(f"{f}_frequency_words_clue_with_critic" for f in FREQUENCIES),
    max_reply_tokens=96,
    fields={"target_word": str, "target_word_clue": str},
    options=OPTIONS,
)


class Wordle(GameMaster):
    """One episode of wordle without clue and critic."""

    spec = WORDLE

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        data = instance.data
        self._target: str = data["target_word"]
        if self._target not in self._list_words():
            raise InstanceError(
                f"{self.spec.name} instance {instance.instance_id}: the target "
                f"'{self._target}' is not in its word list, mend the file"
            )
        self._unknown = 0
        """Unknown words in a row."""
        self._message = self._make_first_message()

    def observe(self) -> str:
        """Show the prompt (and the clue), later feedback or a request to retry."""
        return self._message

    def step(self, reply: str) -> None:
        """Take a guess if it is a known word; ask again a few times if it is not."""
        said = read_guess(reply, self.rules)
        if isinstance(said, FormFault):
            self._refuse(reply, said, GUESS)
        elif said.value in self._list_words():
            self._unknown = 0
            self._take_guess(said)
        else:
            self._refuse_unknown()

    def _refuse_unknown(self) -> None:
        """Ask again, unless too many words in a row were unknown."""
        self.emit(UnknownWord())
        if self._unknown == UNKNOWN_WORDS:
            self.abort("unknown words")
        else:
            self._unknown += 1
            self._message = self._add_reminder(self._find_text("unknown_word"))

    def _take_guess(self, said: Said) -> None:
        """End the episode, or begin the next round with feedback."""
        marks = write_feedback(said.value, self._target)
        self.emit(Guess(self.round + 1, said.value, said.explanation, marks))
        if said.value == self._target:
            self.end(Outcome.SUCCESS, "solved")
        elif self.round + 1 == ROUNDS:
            self.end(Outcome.LOSE, "turn limit")
        else:
            self.round += 1
            self._message = self._add_reminder(f"{FEEDBACK} {marks}")

    def _refuse(self, reply: str, fault: FormFault, tag: str) -> None:
        """Abort, saying why."""
        self.emit(BadReply(name_flaw(reply, fault, tag), fault, tag))
        self.abort()

    @property
    def main_score(self) -> float:
        """Falling with the round in which the word was found; 0 if it was not."""
        if self.outcome is not Outcome.SUCCESS:
            return self.score_or_nan(0)
        return SCORES[self.spec.name][self.round]

    def _list_words(self) -> frozenset[str]:
        text = self.instance.data.get("allowed_words")
        return split_words(text) if text else read_allowed()

    def _make_first_message(self) -> str:
        return self._find_text("guesser_prompt", f"{self.spec.name}_guesser")

    def _find_text(self, field: str, own: str = "") -> str:
        """Find a text of the instance's, else our own of that file name."""
        given = self.instance.data.get(field)
        return given or read_prompt("wordle", f"{own or field}.txt")

    def _add_reminder(self, message: str) -> str:
        """Put the format behind a message to the guesser."""
        return f"{message}\n\n{self._find_text('guess_reminder')}"


class WordleWithClue(Wordle):
    """One episode of wordle with a clue in the first message."""

    spec = WITH_CLUE

    def _make_first_message(self) -> str:
        return f"{super()._make_first_message()}\n\n{self._clue}"

    @property
    def _clue(self) -> str:
        return f"{CLUE} {self.instance.data['target_word_clue']}"


class WordleWithCritic(WordleWithClue):
    """One episode of wordle with a clue and a critic of every proposal."""

    spec = WITH_CRITIC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._is_criticised = False
        """Whether the critic has said what it thinks: the next guess counts."""

    def step(self, reply: str) -> None:
        """Judge a guess or an opinion."""
        if self.role == CRITIC:
            self._take_opinion(reply)
        else:
            super().step(reply)

    def _take_guess(self, said: Said) -> None:
        """Show a proposal to the critic; let the guess after it count."""
        if self._is_criticised:
            self._is_criticised = False
            super()._take_guess(said)
            return
        self.emit(Proposal(said.value))
        shown = f"{self._clue}\n{EXPLANATION} {said.explanation}\n{GUESS} {said.value}"
        if self.round == 0:
            prompt = self._find_text("critic_prompt", f"{self.spec.name}_critic")
            self._message = f"{prompt}\n\n{shown}"
        else:
            self._message = f"{shown}\n\n{self._find_text('agreement_reminder')}"
        self.role = CRITIC

    def _take_opinion(self, reply: str) -> None:
        """Tell the guesser what the critic thinks."""
        said = read_agreement(reply, self.rules)
        if isinstance(said, FormFault):
            self._refuse(reply, said, AGREEMENT)
            return
        self.emit(Opinion(said.value))
        self._is_criticised = True
        told = f"{VERDICT} {said.value}\n{VERDICT_REASON} {said.explanation}"
        self._message = self._add_reminder(f"{self._clue}\n{told}")
        self.role = GUESSER
