"""Scripted players of codenames, who associate alike (see `association`).

The cluegiver gives the clue that leads to most team words and to no others before
them; the guesser takes the words nearest the clue. Skill is the share of replies made
so; the others are any clue for any team word, and any words.
"""

import random
import re

from games.codenames.association import best_clue, clue_words, is_fair, ranked
from games.codenames.master import CLUEGIVER
from games.codenames.rules import CLUE, GUESS, TARGETS
from games.contract import Instance, Message, Player
from games.kit.splits import split_of

_CLUE = re.compile(r"(?:the word|clue:) '(\S{0,100})'", re.IGNORECASE)
_NUMBER = re.compile(r"up to (\d{1,2}) ")
_LISTS = 4
"""The cluegiver's last lines: words of the team, and of the three other kinds."""


def expert(instance: Instance, role: str, skill: float, rng: random.Random) -> Player:
    """Return a scripted cluegiver or guesser."""
    if role == CLUEGIVER:
        return _cluegiver(split_of(instance.data["board"][0]), skill, rng)
    return _guesser(skill, rng)


def _cluegiver(split: str, skill: float, rng: random.Random) -> Player:
    """Return a player who gives clues for the team words it is shown."""

    def play(messages: list[Message]) -> str:
        lines = messages[-1]["content"].split("\n")[-_LISTS:]
        team, *rest = (_listed(line.partition(": ")[2]) for line in lines)
        others = [word for words in rest for word in words]
        found = None
        if rng.random() < skill:
            found = best_clue(tuple(team), tuple(others), split)
        clue, targets = found or _any_clue(team, others, split, rng)
        return f"{CLUE}{clue}\n{TARGETS}{', '.join(targets)}"

    return play


def _any_clue(
    team: list[str], others: list[str], split: str, rng: random.Random
) -> tuple[str, list[str]]:
    """Return a clue that means nothing, and one or two words of the team."""
    clues = list(clue_words(split).values())
    clue = rng.choice(clues)
    while not is_fair(clue, [*team, *others]):
        clue = rng.choice(clues)
    return clue, rng.sample(team, min(len(team), rng.randint(1, 2)))


def _guesser(skill: float, rng: random.Random) -> Player:
    """Return a player who guesses the listed words that are nearest the clue."""

    def play(messages: list[Message]) -> str:
        head, _, listed = messages[-1]["content"].rpartition("\n")
        words = _listed(listed)
        clue, number = _CLUE.search(head), _NUMBER.search(head)
        most = int(number[1]) if number else 1
        near: list[str] = []
        if clue and rng.random() < skill:
            near = ranked(clue[1], words)[:most]
        guesses = near or rng.sample(words, min(len(words), rng.randint(1, most)))
        return f"{GUESS}{', '.join(guesses)}"

    return play


def _listed(text: str) -> list[str]:
    """Return the words of a list that may end in a full stop."""
    return [word for word in text.rstrip(".").split(", ") if word]
