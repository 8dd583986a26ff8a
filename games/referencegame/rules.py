"""The rules of referencegame: what a well-formed reply is, and what it picks.

The same replies match as under clembench's patterns in its "strict" mode, where
nothing may follow the first line of text. Its patterns end in a repeated group, which
needs memory by the megabyte; these do not, and never backtrack (`*+`).
"""

import re

from games.events import Flaw
from games.kit.flaws import find_flaw

EXPRESSION, ANSWER = "expression:", "answer:"
PLACEHOLDER = "TARGET_EXPRESSION"
ANSWERS = ("first", "second", "third")

_LOOKED_AT = 2000
"""Characters of a malformed reply that are looked at to say what is wrong."""
_EXPRESSION = re.compile(r"expression:\s*+.+\n*+", re.IGNORECASE)
_ANSWER = re.compile(
    r"answer:\s*+(?P<label>first|second|third|1|2|3).*+\n*+", re.IGNORECASE
)


def is_expression(reply: str) -> bool:
    """Whether the giver's reply is a tag and one line of text."""
    return _EXPRESSION.fullmatch(reply) is not None


def read_answer(reply: str) -> str | None:
    """Read the follower's choice, lower-cased; None if the reply is malformed.

    Text after the choice on the same line is fine: "Answer: first grid."
    """
    match = _ANSWER.fullmatch(reply)
    return match["label"].lower() if match else None


def name_flaw(reply: str, tag: str) -> Flaw:
    """Name the flaw in the form of a reply that should have a tag, in any case."""
    said = reply[:_LOOKED_AT].lower()
    other = ANSWER if tag == EXPRESSION else EXPRESSION
    if flaw := find_flaw(said, tag, [other]):
        return flaw
    is_answer = _ANSWER.match(reply) if tag == ANSWER else _EXPRESSION.match(reply)
    return Flaw.EXTRA_TEXT if is_answer else Flaw.UNREADABLE


def insert_expression(header: str, expression: str) -> str:
    """Return the follower's prompt with the giver's whole reply, its tag included."""
    return header.replace(PLACEHOLDER, expression)
