"""What players of taboo can say who know nothing: clues of any word, any guess."""

from collections.abc import Sequence
from functools import cache

from games.contract import Instance, Message
from games.kit.lexicon import read_lexicon
from games.taboo.master import DESCRIBER
from games.taboo.rules import CLUE, GUESS, find_clash

_CLUES = (
    *("it is something", "you know it", "many people like it", "one can see it"),
    *("it is not here", "think of anything", "it has a name", "guess again"),
)


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List clues that suit any word, or a guess of each common word."""
    if role != DESCRIBER:
        return _list_guesses()
    data = instance.data
    forbidden = [data["target_word"], *data["related_word"]]
    clues = [f"{CLUE} {clue}" for clue in _CLUES]
    return [clue for clue in clues if not find_clash(clue, forbidden)]


@cache
def _list_guesses() -> tuple[str, ...]:
    return tuple(f"{GUESS} {word}" for word in read_lexicon())
