"""The rules of hellogame as small functions: the tag of a greeting, and a good one."""

from games.kit.text import plain

GREET = "GREET:"
REQUIRED = ("welcome", "hello")


def is_complete(reply: str, name: str) -> bool:
    """Whether a greeting contains both required words and the name."""
    text = plain(reply)
    return all(plain(word) in text for word in (*REQUIRED, name))
