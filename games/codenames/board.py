"""The board of one episode: who owns which word, and which are still hidden."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from games.contract import Instance
from games.errors import InstanceError

BOARD_SIZE = 25
TEAM, OPPONENT, INNOCENT, ASSASSIN = KINDS = (
    "team",
    "opponent",
    "innocent",
    "assassin",
)


@dataclass
class Board:
    """The words in the order shown, of which some are revealed."""

    words: list[str]
    assignments: dict[str, list[str]]
    """Kind -> its words."""
    opponent_order: list[str]
    """The order in which the opponent reveals those of its words still hidden."""

    def __post_init__(self) -> None:
        self.kind = {w: kind for kind in KINDS for w in self.assignments[kind]}
        self.hidden = list(self.words)
        self.revealed: list[str] = []
        """By the team's guesses, in order."""
        self.lost: list[str] = []
        """Revealed by the opponent, in order."""

    def list_hidden(self, kind: str) -> list[str]:
        """List the hidden words of a kind."""
        hidden = set(self.hidden)
        return [word for word in self.assignments[kind] if word in hidden]

    def reveal(self, guesses: tuple[str, ...]) -> Iterator[str]:
        """Reveal the guesses up to the first that is not the team's, and yield them."""
        for word in guesses:
            self.hidden.remove(word)
            self.revealed.append(word)
            yield word
            if self.kind[word] != TEAM:
                return

    def play_opponent(self, num: int) -> Iterator[str]:
        """Let the opponent reveal up to `num` words of its own, and yield them."""
        left = [word for word in self.opponent_order if word in self.hidden]
        for word in left[:num]:
            self.hidden.remove(word)
            self.lost.append(word)
            yield word

    def sort_revealed(self) -> list[str]:
        """List the words that the team's guesses revealed, its own first."""
        kinds = (TEAM, INNOCENT, OPPONENT, ASSASSIN)
        return [word for kind in kinds for word in self.pick_kind(kind, self.revealed)]

    def pick_kind(self, kind: str, words: Iterable[str]) -> list[str]:
        """Pick the words of a kind."""
        return [word for word in words if self.kind[word] == kind]

    def rate_revealed(self, *kinds: str) -> float:
        """Compute the share of all words of some kinds that the guesses revealed."""
        total = sum(len(self.assignments[kind]) for kind in kinds)
        found = sum(self.kind[word] in kinds for word in self.revealed)
        return found / total if total else 0.0


def read_board(instance: Instance) -> Board:
    """Read the board of an instance.

    Raises:
        InstanceError: it cannot be played on.
    """
    words, assignments = instance.data["board"], instance.data["assignments"]
    scripted = instance.data.get("opponent_reveals", [])
    where = f"codenames instance {instance.instance_id}"
    if set(assignments) != set(KINDS):
        raise InstanceError(f"{where}: assignments need {', '.join(KINDS)}; mend them")
    lists = [assignments[kind] for kind in KINDS]
    if not all(isinstance(one, list) for one in (*lists, scripted)):
        raise InstanceError(f"{where}: words must be given as lists, mend the file")
    owned = [word for one in lists for word in one]
    if not all(isinstance(word, str) for word in [*owned, *words, *scripted]):
        raise InstanceError(f"{where}: every word must be a text, mend the file")
    is_board = sorted(owned) == sorted(words) and len(set(words)) == len(words)
    if not is_board or len(words) > BOARD_SIZE:
        raise InstanceError(
            f"{where}: each word of the board (at most {BOARD_SIZE}) must be assigned "
            "once, mend the file"
        )
    if not (assignments[TEAM] and assignments[OPPONENT]):
        raise InstanceError(f"{where}: both teams need words, mend the file")
    if not set(scripted) <= set(assignments[OPPONENT]):
        raise InstanceError(f"{where}: the opponent can reveal only words of its own")
    return Board(words, assignments, _order_opponent(words, assignments, scripted))


def _order_opponent(
    words: list[str], assignments: dict[str, list[str]], scripted: list[str]
) -> list[str]:
    """List the opponent's words, scripted ones first, the rest as the board seeds."""
    rest = [word for word in assignments[OPPONENT] if word not in scripted]
    random.Random(f"codenames {' '.join(words)}").shuffle(rest)
    return [*scripted, *rest]
