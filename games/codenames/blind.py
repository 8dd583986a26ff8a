"""What players of codenames can say who associate nothing with a word."""

from collections.abc import Sequence
from functools import cache

from games.codenames.association import is_fair, list_clues
from games.codenames.master import CLUEGIVER
from games.codenames.rules import CLUE, GUESS, TARGETS
from games.contract import Instance, Message
from games.kit.splits import SPLITS

_MOST_CLUES = 20
_LISTS = 4
"""The cluegiver's last lines: words of the team, and of the three other kinds."""


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List clues that mean nothing for each team word, or a guess of each word."""
    lines = messages[-1]["content"].split("\n")
    if role != CLUEGIVER:
        return [f"{GUESS}{word}" for word in _split(lines[-1])]
    lists = [_split(line.partition(": ")[2]) for line in lines[-_LISTS:]]
    hidden = [word for words in lists for word in words]
    fair = (clue for clue in _list_all_clues() if is_fair(clue, hidden))
    chosen = [clue for clue, _ in zip(fair, range(_MOST_CLUES), strict=False)]
    return [f"{CLUE}{clue}\n{TARGETS}{word}" for word in lists[0] for clue in chosen]


@cache
def _list_all_clues() -> tuple[str, ...]:
    clues = {clue for split in SPLITS for clue in list_clues(split).values()}
    return tuple(sorted(clues))


def _split(text: str) -> list[str]:
    return [word for word in text.rstrip(".").split(", ") if word]
