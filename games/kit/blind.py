"""Blind players: their replies are well-formed, and what they see decides nothing.

A game lists what can be said well-formed at a turn (`Game.blind`). Which of it is said

- `constant`: always the first of them,
- `uniform`: any of them, each as likely,
- `frequent`: what was said most often in training, or else the first.

Whoever does not do better than all three has learned a format, and no skill.
"""

import random
from collections.abc import Mapping
from enum import StrEnum

from games.contract import Game, Instance, Message, Player


class BlindKind(StrEnum):
    """How a blind player chooses."""

    CONSTANT = "constant"
    UNIFORM = "uniform"
    FREQUENT = "frequent"


Habits = Mapping[str, int]
"""What was said in training (`name_gist`) -> how often."""


def make_blind(
    game: Game,
    instance: Instance,
    role: str,
    kind: BlindKind,
    rng: random.Random,
    habits: Habits,
) -> Player:
    """Make a blind player of a role; `habits` are those of the role in training."""

    def play(messages: list[Message]) -> str:
        choices = game.blind(instance, role, messages)
        if kind is BlindKind.UNIFORM:
            return rng.choice(choices)
        if kind is BlindKind.CONSTANT:
            return choices[0]
        # the first of those that are equally frequent
        return max(choices, key=lambda reply: habits.get(name_gist(reply), 0))

    return play


def name_gist(reply: str) -> str:
    """Name what a reply says: its text behind the last tag, or else all of it."""
    text = reply.strip()
    return (text.rpartition(": ")[2] or text).casefold()
