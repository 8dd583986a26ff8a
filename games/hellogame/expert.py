"""The scripted player of hellogame: complete greetings, or polite incomplete ones."""

import random

from games.contract import Instance, Message, Player
from games.hellogame.rules import GREET


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a greeter, who with probability 1 - skill forgets something."""
    name = instance.data["target_name"]
    incomplete = (f"Hello, {name}!", f"Welcome, {name}!", "Hello and welcome!")

    def play(messages: list[Message]) -> str:
        if rng.random() < skill:
            return f"{GREET} Hello and welcome, {name}!"
        return f"{GREET} {rng.choice(incomplete)}"

    return play
