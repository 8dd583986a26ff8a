"""What players of wordle can say who know nothing: any common word, yes or no."""

from collections.abc import Sequence
from functools import cache

from games.contract import Instance, Message
from games.wordle.master import CRITIC
from games.wordle.rules import AGREEMENT, EXPLANATION, GUESS
from games.wordle.words import read_targets


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List a guess of each common word, or both opinions."""
    if role != CRITIC:
        return _list_guesses()
    return [f"{EXPLANATION} so it seems\n{AGREEMENT} {say}" for say in ("yes", "no")]


@cache
def _list_guesses() -> tuple[str, ...]:
    return tuple(f"{EXPLANATION} just a try\n{GUESS} {word}" for word in read_targets())
