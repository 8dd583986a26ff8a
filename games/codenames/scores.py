"""Clembench's scores of an episode of codenames, from what was said in its rounds."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean
from typing import Any

from games.codenames.board import ASSASSIN, INNOCENT, KINDS, OPPONENT, TEAM, Board

VARIABLES = {
    "risk": "Risk",
    "association": "Word Assignments",
    "opponent": "Opponent Difficulty",
    "frequency": "Word Frequency",
    "unambiguous": "Word Ambiguity",
    "ambiguous": "Word Ambiguity",
    "concrete": "Word Concreteness",
    "abstract": "Word Concreteness",
}
"""What clembench calls the thing that is varied, by how variants' names begin."""
UNSET_FLAGS = (
    "IGNORE RAMBLING",
    "IGNORE FALSE TARGETS OR GUESSES",
    "REPROMPT ON ERROR",
    "IGNORE NUMBER OF TARGETS",
)
_PLAYERS = ("Cluegiver", "Guesser")


@dataclass
class Round:
    """One clue and the guesses that followed; nothing counts that was not valid."""

    team_left: int
    """Team words hidden when the round began."""
    targets: tuple[str, ...] = ()
    target_kinds: tuple[str, ...] = ()
    """Whose the targets are."""
    guesses: tuple[str, ...] = ()
    revealed: tuple[str, ...] = ()
    """The guesses that were revealed."""
    revealed_kinds: tuple[str, ...] = ()
    faulty: str = ""
    """The player whose reply was not valid, if one was not."""

    @property
    def hits(self) -> int:
        """How many of the targets were revealed."""
        return len(set(self.targets) & set(self.revealed))

    def score(self) -> dict[str, float]:
        """Score the round, by clembench's names."""
        targeted, found = self.target_kinds.count(TEAM), self.revealed_kinds.count(TEAM)
        return {
            "Cluegiver Number of Targets": len(self.targets),
            **_rate("Cluegiver Team", targeted, self.targets, self.team_left),
            "Guesser Number of Guesses": len(self.guesses),
            "Guesser Number of Revealed Words": len(self.revealed),
            "Guesser Number of Unrevealed Guesses": (
                len(self.guesses) - len(self.revealed)
            ),
            **_rate("Guesser Target", self.hits, self.revealed, len(self.targets)),
            **_rate("Guesser Team", found, self.revealed, self.team_left),
        }

    def score_turn(self) -> dict[str, Any]:
        """Score the round, and add what clembench counts of a turn besides."""
        errors = {player: int(player == self.faulty) for player in _PLAYERS}
        counted = {player: {"validation error": errors[player]} for player in _PLAYERS}
        turn = {
            **counted,
            "targeted": _count_kinds(self.target_kinds),
            "guesses": list(self.guesses),
            "revealed": {"target": self.hits, **_count_kinds(self.revealed_kinds)},
        }
        named = {f"{player} validation error": errors[player] for player in _PLAYERS}
        return {"turn": turn, **named, **self.score()}


def _count_kinds(kinds: tuple[str, ...]) -> dict[str, int]:
    """Count how many words there are of each kind, and of all together."""
    return {kind: kinds.count(kind) for kind in KINDS} | {"total": len(kinds)}


def _rate(
    name: str, hits: int, among: tuple[str, ...], wanted: int
) -> dict[str, float]:
    """Compute precision, recall and F1, rounded; 0 where undefined."""
    precision = hits / len(among) if among else 0.0
    recall = hits / wanted if wanted else 0.0
    total = precision + recall
    f1 = 2 * precision * recall / total if total else 0.0
    rates = {"Precision": precision, "Recall": recall, "F1": f1}
    return {f"{name} {kind}": round(rate, 3) for kind, rate in rates.items()}


def score_means(rounds: Iterable[Round]) -> dict[str, float]:
    """Average the scores of rounds."""
    scores = [played.score() for played in rounds]
    # exact means: floating-point sums would round a few of them the other way
    return {
        f"Average {name}": round(float(mean(score[name] for score in scores)), 3)
        for name in scores[0]
    }


def score_board(board: Board) -> dict[str, float]:
    """Score how much of the board the guesses revealed, and whether it was deadly."""
    wrong = board.rate_revealed(OPPONENT, INNOCENT, ASSASSIN)
    return {
        "Game ended through assassin": float(board.rate_revealed(ASSASSIN) > 0),
        "Episode Recall": round(board.rate_revealed(TEAM), 3),
        "Episode Negative Recall": round(1 - wrong, 3),
    }


def score_pace(rounds: list[Round], num_turns: int) -> dict[str, float]:
    """Count turns, and the guesses per turn, of which two are full."""
    guesses = sum(len(played.guesses) for played in rounds)
    return {
        "Number of turns": num_turns,
        "Efficiency": round(min(1.0, guesses / num_turns / 2), 3),
    }


def count_engaged_flags(stripped: int) -> dict[str, int]:
    """Count how often each of clembench's flags helped a player: just one is set."""
    unset = dict.fromkeys(UNSET_FLAGS, 0)
    return unset | {"STRIP WORDS": stripped}


def count_requests(num_replies: int, violated: int) -> dict[str, float]:
    """Count requests, one a reply."""
    parsed = num_replies - violated
    return {
        "Request Count": num_replies,
        "Parsed Request Count": parsed,
        "Violated Request Count": violated,
        "Request Success Ratio": round(parsed / num_replies, 3) if num_replies else 0.0,
    }
