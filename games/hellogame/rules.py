"""The rules of hellogame as small functions: what a greeting is, and a good one."""

from games.kit.text import plain

GREET = "GREET:"
REQUIRED = ("welcome", "hello")


def is_greeting(reply: str) -> bool:
    """Whether a reply has the form of a greeting."""
    return reply.startswith(GREET)


def is_complete(reply: str, name: str) -> bool:
    """Whether a greeting contains both required words and the name."""
    text = plain(reply)
    return all(plain(word) in text for word in (*REQUIRED, name))
