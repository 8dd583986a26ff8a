"""The rules of matchit_ascii: who says what when, and what a well-formed reply is.

They follow clembench's to the letter: only the first word of a reply is held against
its flag, but a decision must be one of two sentences and nothing else.
"""

from enum import StrEnum

from games.events import Flaw
from games.kit.flaws import find_flaw

A, B = "player_a", "player_b"
QUESTIONS = 3
"""Questions of each player."""


class Act(StrEnum):
    """What a player is asked for; the value is the flag that its reply begins with."""

    DESCRIBE = "DESCRIPTION:"
    ASK = "QUESTION:"
    ANSWER = "ANSWER:"
    DECIDE = "DECISION:"


_EXCHANGE = ((A, Act.ANSWER), (A, Act.ASK), (B, Act.ANSWER), (B, Act.ASK))
SCRIPT: tuple[tuple[str, Act], ...] = (
    (A, Act.DESCRIBE),
    (B, Act.DESCRIBE),
    (B, Act.ASK),
    *_EXCHANGE * (QUESTIONS - 1),
    *_EXCHANGE[:-1],
    (B, Act.DECIDE),
    (A, Act.DECIDE),
)
"""Every reply of an episode: nothing that is said changes who is next."""

ROUND_LENGTH = 4
"""Replies of a round; the first one is without A's answer."""
SAME, DIFFERENT = "same grid", "different grids"
_DECISIONS = {
    f"{Act.DECIDE} {verdict}".lower(): verdict for verdict in (SAME, DIFFERENT)
}


def count_rounds(position: int) -> int:
    """Count the rounds, from 0, before the reply at a position of the script."""
    return (position + 1) // ROUND_LENGTH


def has_flag(reply: str, act: Act) -> bool:
    """Whether the first word of a reply is the flag of what was asked for."""
    first_line = reply.lstrip("\n").partition("\n")[0]
    return first_line.partition(" ")[0] == act


def name_flaw(reply: str, act: Act) -> Flaw:
    """Say what stands in place of a reply's flag."""
    others = [other for other in Act if other is not act]
    return find_flaw(reply.lstrip("\n"), act, others) or Flaw.NO_TAG


def read_verdict(reply: str) -> str | None:
    """Read a decision, SAME or DIFFERENT; None if it is neither.

    Capitals do not count, nor full stops and line breaks before and after it.
    """
    return _DECISIONS.get(reply.lower().strip(".\n"))
