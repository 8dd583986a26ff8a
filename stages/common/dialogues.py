"""An episode as one role saw it, and fair draws from many of them."""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from games.contract import Kind
from games.session import Episode, Turn

Example = dict[str, Any]
"""A row of a file of examples: a demonstration, say (`stages.common.examples`)."""
Utterance = dict[str, Any]
"""A message of a chat that is learned from.

Beside "role" and "content", a reply has "token_ids" if it was sampled, and "learned":
False if it is there as history only.
"""


def take_perspective(episode: Episode, role: str) -> list[Utterance]:
    """List what one role saw (user) and replied, in turn: its chat.

    Asides are left out, as they were out of its sight in the next turn.
    """
    chat: list[Utterance] = []
    for turn in episode.turns:
        if turn.role == role and turn.kind != Kind.ASIDE:
            chat += _write_exchange(turn)
    return chat


def list_asides(episode: Episode, role: str) -> list[list[Utterance]]:
    """List a chat for each aside of a role: all before it as history, and itself."""
    chats: list[list[Utterance]] = []
    history: list[Utterance] = []
    for turn in (turn for turn in episode.turns if turn.role == role):
        if turn.kind == Kind.ASIDE:
            chats.append([*history, *_write_exchange(turn)])
        else:
            question, reply = _write_exchange(turn)
            history += [question, reply | {"learned": False}]
    return chats


def _write_exchange(turn: Turn) -> list[Utterance]:
    reply: Utterance = {"role": "assistant", "content": turn.reply}
    if turn.token_ids:
        reply["token_ids"] = turn.token_ids
    if turn.kind == Kind.GIVEN:
        reply["learned"] = False
    return [{"role": "user", "content": turn.context}, reply]


def list_roles(episode: Episode) -> list[str]:
    """List the roles that replied at least once, in the order of first replies."""
    return list(dict.fromkeys(t.role for t in episode.turns if t.kind != Kind.GIVEN))


def list_texts(messages: Iterable[Utterance]) -> tuple[str, ...]:
    """List what is said in a chat, as its key: roles alternate, so texts suffice."""
    return tuple(message["content"] for message in messages)


def draw_balanced(
    rows: Sequence[Example],
    stratum: Callable[[Example], Hashable],
    limit: int,
    rng: random.Random,
) -> list[Example]:
    """Draw at most `limit` rows, one from each stratum in turn, in a random order."""
    strata: dict[Hashable, list[Example]] = defaultdict(list)
    for row in rows:
        strata[stratum(row)].append(row)
    waiting = [strata[key] for key in sorted(strata, key=repr)]
    for pile in waiting:
        rng.shuffle(pile)
    drawn: list[Example] = []
    while waiting and len(drawn) < limit:
        rng.shuffle(waiting)
        drawn += [pile.pop() for pile in waiting]
        waiting = [pile for pile in waiting if pile]
    return drawn[:limit]
