"""The referee of codenames, and the opponent, which no player fills."""

import functools
import re
from pathlib import Path
from typing import Any

from games.codenames.board import (
    ASSASSIN,
    BOARD_SIZE,
    KINDS,
    OPPONENT,
    TEAM,
    board_of,
)
from games.codenames.lemma import nouns
from games.codenames.rules import Said, read_clue, read_guess, spaced
from games.codenames.scores import (
    VARIABLES,
    Round,
    board_scores,
    engaged_flags,
    mean_scores,
    pace_scores,
    request_scores,
)
from games.contract import GameMaster, GameSpec, Instance, Outcome

CLUEGIVER, GUESSER = "cluegiver", "guesser"
V2, V3 = "v2", "v3"
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
    rules=(V2, V3),
)


class Codenames(GameMaster):
    """One episode of codenames."""

    spec = SPEC

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        nouns()  # read from disk here, for every step is to be quick
        self._board = board_of(instance)
        self._difficulty: int = instance.data.get("opponent_difficulty", DIFFICULTY)
        self._rounds: list[Round] = []
        self._clue = ""
        self._lists = self._hidden_lists()
        """What the cluegiver is shown: not yet what the opponent revealed last."""
        self._feedback = ""
        """What the last guesses revealed, without the last sentence."""
        self._num_replies = 0
        self._stripped = {CLUEGIVER: 0, GUESSER: 0}
        self._begin_round()

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
        """Pass a clue on to the guesser; by v3 see only now if the opponent won."""
        board = self._board
        said = read_clue(reply, board.hidden, board.revealed_by_kind())
        self._stripped[CLUEGIVER] += said.stripped
        if said.fault:
            self._refuse(said)
            return
        played = self._rounds[-1]
        played.targets, played.target_kinds = said.words, self._kinds(said.words)
        self._clue = said.clue
        self.note("clue", said.clue)
        self.note("targets", list(said.words))
        for word in said.words:
            self._note_word("word targeted", word)
        if self.rules == V3 and not board.hidden_of(OPPONENT):
            self._lose("opponent won", "opponent has won")
        else:
            self.role = GUESSER

    def _take_guesses(self, reply: str) -> None:
        """Reveal what was guessed, then end the episode or begin the next round."""
        played, board = self._rounds[-1], self._board
        most, before = len(played.targets), board.revealed_by_kind()
        said = read_guess(reply, board.hidden, self._clue, most, before)
        self._stripped[GUESSER] += said.stripped
        if said.fault:
            self._refuse(said)
            return
        played.guesses = said.words
        self.note("guesses", list(said.words))
        played.revealed = tuple(board.reveal(said.words))
        played.revealed_kinds = self._kinds(played.revealed)
        self._note_revealed(played)
        self._feedback = self._told(played.revealed)
        self._lists = self._hidden_lists()
        self._end_if_decided()
        if self.outcome is not None:
            self.note(self.notes[-1].kind, self.notes[-1].content)  # as clembench does
        elif self.rules == V2:
            self._play_opponent()
            self._end_if_decided()
        if self.outcome is None:
            self.role, self.round = CLUEGIVER, self.round + 1
            if self.rules == V3:
                self._play_opponent()
            self._begin_round()

    def _begin_round(self) -> None:
        self._rounds.append(Round(team_left=len(self._board.hidden_of(TEAM))))
        self.note("board status", self._board.status())

    def _play_opponent(self) -> None:
        for word in self._board.play_opponent(self._difficulty):
            self._note_word("opponent revealed", word)

    def _end_if_decided(self) -> None:
        """End the episode if a team has all its words, or the assassin was met."""
        if not self._board.hidden_of(TEAM):
            self.note("game end", "team has won")
            self.end(Outcome.SUCCESS, "solved")
        elif not self._board.hidden_of(OPPONENT):
            self._lose("opponent won", "opponent has won")
        elif self._board.share_revealed(ASSASSIN):
            self._lose("assassin", "opponent has won through assassin")

    def _lose(self, reason: str, noted: str) -> None:
        self.note("game end", noted)
        self.end(Outcome.LOSE, reason)

    def _refuse(self, said: Said) -> None:
        """Abort, saying why."""
        player = said.fault.player or self.role.capitalize()
        self._rounds[-1].faulty = player
        self.note(
            "validation error",
            {
                "player": player,
                "type": said.fault.kind,
                "utterance": spaced(said.text),
                "message": said.fault.message,
                **said.fault.details,
            },
        )
        self.abort()

    def _note_revealed(self, played: Round) -> None:
        """Note the words that guesses revealed, and the one that ended the turn."""
        for word in played.revealed:
            self._note_word("team revealed", word)
            if word in played.targets:
                self._note_word("target revealed", word)
            if self._board.kind[word] != TEAM:
                self.note("turn end after", word)

    def _note_word(self, kind: str, word: str) -> None:
        self.note(kind, {"word": word, "assignment": self._board.kind[word]})

    def _told(self, revealed: tuple[str, ...]) -> str:
        """Return in sentences what was guessed."""
        num = self._kinds(revealed).count(TEAM)
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

    def _kinds(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._board.kind[word] for word in words)

    @property
    def main_score(self) -> float:
        """100 if won; 0 if lost; NaN if aborted."""
        return self.score_or_nan(100 * (self.outcome is Outcome.SUCCESS))

    def episode_scores(self) -> dict[str, Any]:
        """Return clembench's scores but for the outcome and its flags."""
        variant = self.instance.variant
        return {
            "experiment variable": VARIABLES.get(variant.partition("_")[0], ""),
            "experiment name": variant,
            "Cluegiver strip words": self._stripped[CLUEGIVER],
            "Guesser strip words": self._stripped[GUESSER],
            **mean_scores(self._rounds),
            **board_scores(self._board),
            **pace_scores(self._rounds, self._num_turns),
            **self._requests,
        }

    def turn_scores(self) -> dict[str, dict[str, Any]]:
        """Return the scores of each round, some of them counts by kind of word."""
        return {str(n): one.turn_scores() for n, one in enumerate(self._rounds)}

    def transcript_keys(self) -> dict[str, Any]:
        """Return how the board ended, the request counts and the flags."""
        counts = self._requests
        del counts["Request Success Ratio"]
        return {
            "board end status": self._board.status(),
            "Number of turns": self._num_turns,
            "Aborted": self.is_aborted,
            "Lose": self.outcome is Outcome.LOSE,
            "Game ended through assassin": self._board.share_revealed(ASSASSIN) > 0,
            **counts,
            "Cluegiver engaged flags": engaged_flags(self._stripped[CLUEGIVER]),
            "Guesser engaged flags": engaged_flags(self._stripped[GUESSER]),
        }

    @property
    def _num_turns(self) -> int:
        # a turn counts once it is over, and the one that is on
        return len(self._rounds) + (self.ended_by == GUESSER)

    @property
    def _requests(self) -> dict[str, float]:
        return request_scores(self._num_replies, int(self.is_aborted))

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
