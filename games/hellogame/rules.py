"""The rules of hellogame as small functions: the tag of a greeting, and a good one."""

from games.kit.text import simplify

GREET = "GREET:"
REQUIRED = ("welcome", "hello")


def is_complete(reply: str, name: str) -> bool:
    """Whether a greeting contains both required words and the name."""
    text = simplify(reply)
    return all(simplify(word) in text for word in (*REQUIRED, name))
