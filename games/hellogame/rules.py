"""The rules of hellogame as small functions: what a greeting is, and a good one."""

import string

GREET = "GREET:"
REQUIRED = ("welcome", "hello")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def is_greeting(reply: str) -> bool:
    """Whether a reply has the form of a greeting."""
    return reply.startswith(GREET)


def is_complete(reply: str, name: str) -> bool:
    """Whether a greeting contains both required words and the name."""
    text = _plain(reply)
    return all(_plain(word) in text for word in (*REQUIRED, name))


def _plain(text: str) -> str:
    """Return a text without capitals and punctuation."""
    return text.lower().translate(_NO_PUNCTUATION)
