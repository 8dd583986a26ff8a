"""Scripted players of wordle and its variants, who know the common words.

The guesser keeps to the words that all feedback so far allows. Now and then the clue
tells it the word (`INSIGHT`); else it takes the word with the most frequent letters.
It commits to what the critic agrees with, and thinks again if the critic does not.
The critic agrees if no word that it knows fits the clue better. Skill is the share of
replies made so; the others are random words and opinions.
"""

import random

from games.contract import Instance, Message, Player
from games.kit.splits import split_of
from games.wordle.knowledge import (
    Seen,
    best_by_clue,
    best_by_letters,
    candidates,
    clue_in,
    guess_in,
    read_chat,
    summary,
    vocabulary,
)
from games.wordle.master import CRITIC
from games.wordle.rules import AGREEMENT, EXPLANATION, GUESS

INSIGHT = 0.4
"""Share of the guesses in which the guesser sees what the clue means."""
CHOICE = 5
"""The guesser takes one of so many words with frequent letters."""


def expert(instance: Instance, role: str, skill: float, rng: random.Random) -> Player:
    """Return a scripted guesser or critic."""
    split = split_of(instance.data["target_word"])
    return _critic(split, skill, rng) if role == CRITIC else _guesser(split, skill, rng)


def _guesser(split: str, skill: float, rng: random.Random) -> Player:
    """Return a player who finds the word by clue, feedback and opinions."""

    def play(messages: list[Message]) -> str:
        if rng.random() >= skill:
            reason, word = "just a try", rng.choice(vocabulary(split))
        else:
            reason, word = choose(read_chat(messages), split, rng)
        return f"{EXPLANATION} {reason}\n{GUESS} {word}"

    return play


def choose(seen: Seen, split: str, rng: random.Random) -> tuple[str, str]:
    """Return a skilled guesser's reason and word."""
    if seen.opinion == "yes":
        return "we agree on it", seen.proposal
    left = candidates(seen, split)
    if seen.opinion == "no":
        others = [word for word in left if word != seen.proposal]
        if not others:
            return "no other word is left", seen.proposal
        left = others
    sees = seen.clue and rng.random() < INSIGHT
    meant = best_by_clue(seen.clue, left) if sees else []
    reasons = ["it fits the clue"] if meant else []
    if seen.marks:
        reasons.append(summary(seen.marks))
    word = rng.choice(meant or best_by_letters(left, CHOICE))
    return ", ".join(reasons) or "it has frequent letters", word


def _critic(split: str, skill: float, rng: random.Random) -> Player:
    """Return a player who judges proposals by the clue."""

    def play(messages: list[Message]) -> str:
        if rng.random() >= skill:
            reason, opinion = "it is hard to say", rng.choice(("yes", "no"))
        else:
            reason, opinion = judge(messages, split)
        return f"{EXPLANATION} {reason}\n{AGREEMENT} {opinion}"

    return play


def judge(messages: list[Message], split: str) -> tuple[str, str]:
    """Return a skilled critic's reason and opinion of the last proposal."""
    *earlier, shown = [m["content"] for m in messages if m["role"] == "user"]
    word = guess_in(shown)
    meant = best_by_clue(clue_in(shown), list(vocabulary(split)))
    if word in meant:
        return "it fits the clue", "yes"
    if meant:
        return "another word fits the clue better", "no"
    if word in map(guess_in, earlier):
        return "it was proposed before", "no"
    return "nothing speaks against it", "yes"
