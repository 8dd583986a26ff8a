"""Episodes that are read from files: what none of ours could be."""

import math

from games.contract import is_of
from games.session import Episode

_LARGEST = 2**31


def refuse_odd(episode: Episode) -> None:
    """Refuse what no episode holds, and what could be kept in no file.

    Raises:
        TypeError, ValueError: with what is odd.
    """
    names = [episode.variant, episode.instance_id, episode.reason, episode.ended_by]
    names += [*episode.players, *episode.players.values()]
    said = [text for turn in episode.turns for text in (turn.context, turn.reply)]
    if not all(isinstance(text, str) for text in [*names, *said]):
        raise TypeError("a name or what was said is no text")
    for number in (episode.sample, episode.seed, episode.branch):
        if not is_of(number, int) or not -1 <= number < _LARGEST:
            raise ValueError("sample, seed or branch is no whole number")
    if not (math.isnan(episode.main_score) or 0 <= episode.main_score <= 100):
        raise ValueError("the main score is not 0 to 100")
