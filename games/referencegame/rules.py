"""The rules of referencegame: what a well-formed reply is, and what it picks.

The same replies match as under clembench's patterns in its "strict" mode, where
nothing may follow the first line of text. Its patterns end in a repeated group, which
needs memory by the megabyte; these do not, and never backtrack (`*+`).
"""

import re

PLACEHOLDER = "TARGET_EXPRESSION"
ANSWERS = ("first", "second", "third")

_EXPRESSION = re.compile(r"expression:\s*+.+\n*+", re.IGNORECASE)
_ANSWER = re.compile(
    r"answer:\s*+(?P<label>first|second|third|1|2|3).*+\n*+", re.IGNORECASE
)


def is_expression(reply: str) -> bool:
    """Whether the giver's reply is a tag and one line of text."""
    return _EXPRESSION.fullmatch(reply) is not None


def answer_label(reply: str) -> str | None:
    """Return the follower's choice, lower-cased; None if the reply is malformed.

    Text after the choice on the same line is fine: "Answer: first grid."
    """
    match = _ANSWER.fullmatch(reply)
    return match["label"].lower() if match else None


def insert_expression(header: str, expression: str) -> str:
    """Return the follower's prompt with the giver's whole reply, its tag included."""
    return header.replace(PLACEHOLDER, expression)
