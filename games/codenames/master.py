"""The referee of codenames, and the opponent, which no player fills."""

import re

from games.codenames.board import (
    ASSASSIN,
    BOARD_SIZE,
    KINDS,
    OPPONENT,
    TEAM,
    read_board,
)
from games.codenames.events import (
    Clue,
    Guesses,
    OpponentRevealed,
    RoundBegun,
    judge_fault,
)
from games.codenames.lemma import read_nouns
from games.codenames.rules import Said, read_clue, read_guess
from games.contract import V2, V3, GameMaster, GameSpec, Instance
from games.events import Outcome
from games.kit.prompts import read_prompt

CLUEGIVER, GUESSER = "cluegiver", "guesser"
TEAM_WON, OPPONENT_WON, ASSASSIN_MET = "solved", "opponent won", "assassin"
"""Why an episode ends."""
_PROMPTS = (CLUEGIVER, GUESSER, f"{CLUEGIVER}_next", f"{GUESSER}_next")
DIFFICULTY = 1
"""Words that the opponent reveals after each round, unless the instance says."""

SPEC = GameSpec(
    name="codenames",
    version=2,
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
    options={
        "opponent_difficulty": int,
        "opponent_reveals": list,
        **dict.fromkeys((f"{name}_prompt" for name in _PROMPTS), str),
    },
)


class Codenames(GameMaster):
    """One episode of codenames."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        read_nouns()  # read from disk here, for every step is to be quick
        self.board = read_board(instance)
        self._difficulty: int = instance.data.get("opponent_difficulty", DIFFICULTY)
        self._clue = Said("")
        self._lists = self._list_hidden()
        """What the cluegiver is shown: not yet what the opponent revealed last."""
        self._feedback = ""
        """What the last guesses revealed, without the last sentence."""
        self._begin_round()

    def observe(self) -> str:
        """Show the role's prompt, from round 2 behind what the guesses revealed."""
        if self.round == 0:
            return self._fill(self.mover)
        whose = "Your" if self.role == GUESSER else "Your teammate's"
        feedback = f"{self._feedback} {whose} turn ended there."
        return f"{feedback}\n{self._fill(f'{self.mover}_next')}"

    def step(self, reply: str) -> None:
        """Judge a clue or guesses; after guesses the opponent moves as well."""
        if self.role == CLUEGIVER:
            self._take_clue(reply)
        else:
            self._take_guesses(reply)

    def _take_clue(self, reply: str) -> None:
        """Pass a clue on to the guesser; by v3 see only now if the opponent won."""
        board = self.board
        said = read_clue(reply, board.hidden, board.sort_revealed())
        if said.fault:
            self._refuse(said)
            return
        self._clue = said
        self.emit(Clue(said))
        if self.rules == V3 and not board.list_hidden(OPPONENT):
            self.end(Outcome.LOSE, OPPONENT_WON)
        else:
            self.role = GUESSER

    def _take_guesses(self, reply: str) -> None:
        """Reveal what was guessed, then end the episode or begin the next round."""
        board, clue = self.board, self._clue
        before, most = board.sort_revealed(), len(clue.words)
        said = read_guess(reply, board.hidden, clue.clue, most, before)
        if said.fault:
            self._refuse(said)
            return
        revealed = tuple(board.reveal(said.words))
        self.emit(Guesses(said, clue.words, revealed))
        self._feedback = self._tell(revealed)
        self._lists = self._list_hidden()
        self._end_if_decided()
        if self.outcome is None and self.rules == V2:
            self._play_opponent()
            self._end_if_decided()
        if self.outcome is None:
            self.role, self.round = CLUEGIVER, self.round + 1
            if self.rules == V3:
                self._play_opponent()
            self._begin_round()

    def _begin_round(self) -> None:
        board = self.board
        now = map(tuple, (board.hidden, board.revealed, board.lost))
        self.emit(RoundBegun(*now))

    def _play_opponent(self) -> None:
        for word in self.board.play_opponent(self._difficulty):
            self.emit(OpponentRevealed(word))

    def _end_if_decided(self) -> None:
        """End the episode if a team has all its words, or the assassin was met."""
        if not self.board.list_hidden(TEAM):
            self.end(Outcome.SUCCESS, TEAM_WON)
        elif not self.board.list_hidden(OPPONENT):
            self.end(Outcome.LOSE, OPPONENT_WON)
        elif self.board.rate_revealed(ASSASSIN):
            self.end(Outcome.LOSE, ASSASSIN_MET)

    def _refuse(self, said: Said) -> None:
        """Abort, saying why."""
        self.emit(judge_fault(self.mover, said))
        self.abort()

    def _tell(self, revealed: tuple[str, ...]) -> str:
        """Say in sentences what was guessed."""
        num = sum(self.board.kind[word] == TEAM for word in revealed)
        right, wrong = revealed[:num], revealed[num:]
        told = []
        if right:
            words = "word" if num == 1 else "words"
            were = "was" if num == 1 else "were"
            told.append(f"The {words} {', '.join(right)} {were} guessed correctly.")
        told += [
            f"The word {word} was guessed but is an {self.board.kind[word]} word."
            for word in wrong
        ]
        return " ".join(told)

    def _list_hidden(self) -> dict[str, str]:
        return {kind: ", ".join(self.board.list_hidden(kind)) for kind in KINDS}

    @property
    def main_score(self) -> float:
        """100 if won; 0 if lost; NaN if aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))

    def _fill(self, name: str) -> str:
        """Fill everything into a prompt, all at once."""
        own = read_prompt("codenames", f"{name}.txt")
        prompt = self.instance.data.get(f"{name}_prompt") or own
        values = dict(self._lists)
        values["board"] = ", ".join(self.board.hidden)
        values["clue"] = self._clue.clue
        values["number"] = str(len(self._clue.words))
        return re.sub(r"\$(\w+)\$", lambda m: values.get(m[1], m[0]), prompt)
