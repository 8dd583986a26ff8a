"""An episode as one role saw it, and fair draws from many of them."""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from games.contract import Kind, Message
from games.session import Episode

Row = dict[str, Any]


def perspective(episode: Episode, role: str) -> list[Message]:
    """Return the chat of one role: what it saw (user) and what it replied, in turn.

    Asides are left out, as they were out of its sight in the next turn.
    """
    chat: list[Message] = []
    for turn in episode.turns:
        if turn.role == role and turn.kind != Kind.ASIDE:
            chat.append({"role": "user", "content": turn.context})
            chat.append({"role": "assistant", "content": turn.reply})
    return chat


def roles_of(episode: Episode) -> list[str]:
    """Return the roles that replied at least once, in the order of first replies."""
    return list(dict.fromkeys(t.role for t in episode.turns if t.kind != Kind.GIVEN))


def texts(messages: Iterable[Message]) -> tuple[str, ...]:
    """Return what is said in a chat as a key: roles alternate, so texts suffice."""
    return tuple(message["content"] for message in messages)


def balanced(
    rows: Sequence[Row],
    stratum: Callable[[Row], Hashable],
    limit: int,
    rng: random.Random,
) -> list[Row]:
    """Draw at most `limit` rows, one from each stratum in turn, in a random order."""
    strata: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        strata[stratum(row)].append(row)
    waiting = [strata[key] for key in sorted(strata, key=repr)]
    for pile in waiting:
        rng.shuffle(pile)
    drawn: list[Row] = []
    while waiting and len(drawn) < limit:
        rng.shuffle(waiting)
        drawn += [pile.pop() for pile in waiting]
        waiting = [pile for pile in waiting if pile]
    return drawn[:limit]
