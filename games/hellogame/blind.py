"""What the player of hellogame can say who does not read the prompt."""

from collections.abc import Sequence

from games.contract import Instance, Message
from games.hellogame.rules import GREET


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List greetings of nobody in particular."""
    return [f"{GREET} {text}" for text in ("Hello!", "Welcome!", "Hello and welcome!")]
