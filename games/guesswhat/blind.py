"""What players of guesswhat can say who ask nothing, and answer without thinking."""

from collections.abc import Sequence

from games.contract import Instance, Message
from games.guesswhat.master import ANSWERER
from games.guesswhat.rules import ANSWER, GUESS


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List a guess of each candidate, or both answers."""
    if role == ANSWERER:
        return [f"{ANSWER} {word}" for word in ("yes", "no")]
    return [f"{GUESS} {word}" for word in instance.data["candidate_list"]]
