"""The referee of codenames, and the opponent, which no player fills."""

import functools
import re
from pathlib import Path

from games.codenames.board import (
    ASSASSIN,
    BOARD_SIZE,
    KINDS,
    OPPONENT,
    TEAM,
    board_of,
)
from games.codenames.lemma import nouns
from games.codenames.rules import read_clue, read_guess
from games.codenames.scores import (
    Round,
    board_scores,
    mean_scores,
    pace_scores,
    request_scores,
)
from games.contract import GameMaster, GameSpec, Instance, Outcome

CLUEGIVER, GUESSER = "cluegiver", "guesser"
DIFFICULTY = 1
"""Words that the opponent reveals after each round, unless the instance says."""

SPEC = GameSpec(
    name="codenames",
    version=1,
    roles=(CLUEGIVER, GUESSER),
    max_turns=2 * BOARD_SIZE,  # every round reveals a word
    variants=(
        "risk_low",
        "risk_high",
        "association_easy",
        "association_difficult",
        "opponent_none",
        "opponent_easy",
        "opponent_difficult",
        "frequency_low",
        "frequency_high",
        "unambiguous",
        "ambiguous",
        "concrete",
        "abstract",
    ),
    max_reply_tokens=128,
    fields={"board": list, "assignments": dict},
)


class Codenames(GameMaster):
    """One episode of codenames."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        nouns()  # read from disk here, for every step is to be quick
        self._board = board_of(instance)
        self._difficulty: int = instance.data.get("opponent_difficulty", DIFFICULTY)
        self._rounds = [self._new_round()]
        self._clue = ""
        self._lists = self._hidden_lists()
        """What the cluegiver is shown: not yet what the opponent revealed last."""
        self._feedback = ""
        """What the last guesses revealed, without the last sentence."""
        self._num_replies = 0
        self._stripped = {CLUEGIVER: 0, GUESSER: 0}

    def observe(self) -> str:
        """Return the role's prompt, from round 2 behind what the guesses revealed."""
        if len(self._rounds) == 1:
            return self._fill(self.role)
        whose = "Your" if self.role == GUESSER else "Your teammate's"
        feedback = f"{self._feedback} {whose} turn ended there."
        return f"{feedback}\n{self._fill(f'{self.role}_next')}"

    def step(self, reply: str) -> None:
        """Judge a clue or guesses; after guesses the opponent moves as well."""
        self._num_replies += 1
        if self.role == CLUEGIVER:
            self._take_clue(reply)
        else:
            self._take_guesses(reply)

    def _take_clue(self, reply: str) -> None:
        """Pass a clue on to the guesser."""
        said = read_clue(reply, self._board.hidden)
        self._stripped[CLUEGIVER] += said.stripped
        if not said.is_valid:
            self.abort()
            return
        played = self._rounds[-1]
        played.targets = said.words
        played.team_targets = self._num_of_team(said.words)
        self._clue, self.role = said.clue, GUESSER

    def _take_guesses(self, reply: str) -> None:
        """Reveal what was guessed, then end the episode or begin the next round."""
        played = self._rounds[-1]
        most = len(played.targets)
        said = read_guess(reply, self._board.hidden, self._clue, most)
        self._stripped[GUESSER] += said.stripped
        if not said.is_valid:
            self.abort()
            return
        played.guesses = said.words
        played.revealed = tuple(self._board.reveal(said.words))
        played.team_revealed = self._num_of_team(played.revealed)
        self._feedback = self._told(played.revealed)
        self._lists = self._hidden_lists()
        self._end_if_decided()
        if self.outcome is None:
            self._board.play_opponent(self._difficulty)
            self._end_if_decided()
        if self.outcome is None:
            self._rounds.append(self._new_round())
            self.role = CLUEGIVER

    def _end_if_decided(self) -> None:
        """End the episode if a team has all its words, or the assassin was met."""
        if not self._board.hidden_of(TEAM):
            self.end(Outcome.SUCCESS, "solved")
        elif not self._board.hidden_of(OPPONENT):
            self.end(Outcome.LOSE, "opponent won")
        elif self._board.share_revealed(ASSASSIN):
            self.end(Outcome.LOSE, "assassin")

    def _told(self, revealed: tuple[str, ...]) -> str:
        """Return in sentences what was guessed."""
        num = self._num_of_team(revealed)
        right, wrong = revealed[:num], revealed[num:]
        told = []
        if right:
            words = "word" if num == 1 else "words"
            were = "was" if num == 1 else "were"
            told.append(f"The {words} {', '.join(right)} {were} guessed correctly.")
        told += [
            f"The word {word} was guessed but is an {self._board.kind[word]} word."
            for word in wrong
        ]
        return " ".join(told)

    def _hidden_lists(self) -> dict[str, str]:
        return {kind: ", ".join(self._board.hidden_of(kind)) for kind in KINDS}

    def _num_of_team(self, words: tuple[str, ...]) -> int:
        return sum(self._board.kind[word] == TEAM for word in words)

    def _new_round(self) -> Round:
        return Round(team_left=len(self._board.hidden_of(TEAM)))

    @property
    def main_score(self) -> float:
        """100 if won; 0 if lost; NaN if aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))

    def episode_scores(self) -> dict[str, float]:
        """Return clembench's scores but for the outcome and its flags."""
        # a turn counts once it is over, and the one that is on
        num_turns = len(self._rounds) + (self.ended_by == GUESSER)
        return {
            "Cluegiver strip words": self._stripped[CLUEGIVER],
            "Guesser strip words": self._stripped[GUESSER],
            **mean_scores(self._rounds),
            **board_scores(self._board),
            **pace_scores(self._rounds, num_turns),
            **request_scores(self._num_replies, int(self.is_aborted)),
        }

    def _fill(self, name: str) -> str:
        """Return a prompt with everything in its place, all at once."""
        prompt = self.instance.data.get(f"{name}_prompt") or _prompt(name)
        values = dict(self._lists)
        values["board"] = ", ".join(self._board.hidden)
        values["clue"] = self._clue
        values["number"] = str(len(self._rounds[-1].targets))
        return re.sub(r"\$(\w+)\$", lambda m: values.get(m[1], m[0]), prompt)


@functools.cache
def _prompt(name: str) -> str:
    """Return one of the game's own prompts."""
    path = Path(__file__).with_name("prompts") / f"{name}.txt"
    return path.read_text(encoding="utf-8").removesuffix("\n")
