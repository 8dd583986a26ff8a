"""Scripted players of codenames, who associate alike (see `association`).

The cluegiver gives the clue that leads to most team words and to no others before
them; the guesser takes the words nearest the clue. Skill is the share of replies made
so; the others are any clue for any team word, and any words.
"""

import random
import re

from games.codenames.association import choose_clue, is_fair, list_clues, rank_words
from games.codenames.master import CLUEGIVER
from games.codenames.rules import CLUE, GUESS, TARGETS
from games.contract import Instance, Message, Player
from games.kit.splits import split_of

_CLUE = re.compile(r"(?:the word|clue:) '(\S{0,100})'", re.IGNORECASE)
_NUMBER = re.compile(r"up to (\d{1,2}) ")
_LISTS = 4
"""The cluegiver's last lines: words of the team, and of the three other kinds."""


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted cluegiver or guesser."""
    if role == CLUEGIVER:
        return _make_cluegiver(split_of(instance.data["board"][0]), skill, rng)
    return _make_guesser(skill, rng)


def _make_cluegiver(split: str, skill: float, rng: random.Random) -> Player:
    """Make a player who gives clues for the team words it is shown."""

    def play(messages: list[Message]) -> str:
        lines = messages[-1]["content"].split("\n")[-_LISTS:]
        team, *rest = (_split_words(line.partition(": ")[2]) for line in lines)
        others = [word for words in rest for word in words]
        found = None
        if rng.random() < skill:
            found = choose_clue(tuple(team), tuple(others), split)
        clue, targets = found or _draw_clue(team, others, split, rng)
        return f"{CLUE}{clue}\n{TARGETS}{', '.join(targets)}"

    return play


def _draw_clue(
    team: list[str], others: list[str], split: str, rng: random.Random
) -> tuple[str, list[str]]:
    """Draw a clue that means nothing, and one or two words of the team."""
    clues = list(list_clues(split).values())
    clue = rng.choice(clues)
    while not is_fair(clue, [*team, *others]):
        clue = rng.choice(clues)
    return clue, rng.sample(team, min(len(team), rng.randint(1, 2)))


def _make_guesser(skill: float, rng: random.Random) -> Player:
    """Make a player who guesses the listed words that are nearest the clue."""

    def play(messages: list[Message]) -> str:
        head, _, listed = messages[-1]["content"].rpartition("\n")
        words = _split_words(listed)
        clue, number = _CLUE.search(head), _NUMBER.search(head)
        most = int(number[1]) if number else 1
        near: list[str] = []
        if clue and rng.random() < skill:
            near = rank_words(clue[1], words)[:most]
        guesses = near or rng.sample(words, min(len(words), rng.randint(1, most)))
        return f"{GUESS}{', '.join(guesses)}"

    return play


def _split_words(text: str) -> list[str]:
    """Split a list of words that may end in a full stop."""
    return [word for word in text.rstrip(".").split(", ") if word]
