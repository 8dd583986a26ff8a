"""An episode as one role saw it, and fair draws from many of them."""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from games.contract import Kind
from games.session import Episode, Turn

Row = dict[str, Any]


Message = dict[str, Any]
"""A message of a chat that is learned from.

Beside "role" and "content", a reply has "token_ids" if it was sampled, and "learned":
False if it is there as history only.
"""


def perspective(episode: Episode, role: str) -> list[Message]:
    """Return the chat of one role: what it saw (user) and what it replied, in turn.

    Asides are left out, as they were out of its sight in the next turn.
    """
    chat: list[Message] = []
    for turn in episode.turns:
        if turn.role == role and turn.kind != Kind.ASIDE:
            chat += _exchange(turn)
    return chat


def asides(episode: Episode, role: str) -> list[list[Message]]:
    """Return a chat for each aside of a role: all before it as history, and itself."""
    chats: list[list[Message]] = []
    history: list[Message] = []
    for turn in (turn for turn in episode.turns if turn.role == role):
        if turn.kind == Kind.ASIDE:
            chats.append([*history, *_exchange(turn)])
        else:
            question, reply = _exchange(turn)
            history += [question, reply | {"learned": False}]
    return chats


def _exchange(turn: Turn) -> list[Message]:
    reply: Message = {"role": "assistant", "content": turn.reply}
    if turn.token_ids:
        reply["token_ids"] = turn.token_ids
    if turn.kind == Kind.GIVEN:
        reply["learned"] = False
    return [{"role": "user", "content": turn.context}, reply]


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
