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
    choose_by_clue,
    choose_by_letters,
    find_clue,
    find_guess,
    list_candidates,
    list_vocabulary,
    read_chat,
    sum_up,
)
from games.wordle.master import CRITIC
from games.wordle.rules import AGREEMENT, EXPLANATION, GUESS

INSIGHT = 0.4
"""Share of the guesses in which the guesser sees what the clue means."""
CHOICE = 5
"""The guesser takes one of so many words with frequent letters."""


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted guesser or critic."""
    split = split_of(instance.data["target_word"])
    return (
        _make_critic(split, skill, rng)
        if role == CRITIC
        else _make_guesser(split, skill, rng)
    )


def _make_guesser(split: str, skill: float, rng: random.Random) -> Player:
    """Make a player who finds the word by clue, feedback and opinions."""

    def play(messages: list[Message]) -> str:
        if rng.random() >= skill:
            reason, word = "just a try", rng.choice(list_vocabulary(split))
        else:
            reason, word = choose(read_chat(messages), split, rng)
        return f"{EXPLANATION} {reason}\n{GUESS} {word}"

    return play


def choose(seen: Seen, split: str, rng: random.Random) -> tuple[str, str]:
    """Choose a skilled guesser's word, and its reason."""
    if seen.opinion == "yes":
        return "we agree on it", seen.proposal
    left = list_candidates(seen, split)
    if seen.opinion == "no":
        others = [word for word in left if word != seen.proposal]
        if not others:
            return "no other word is left", seen.proposal
        left = others
    sees = seen.clue and rng.random() < INSIGHT
    meant = choose_by_clue(seen.clue, left) if sees else []
    reasons = ["it fits the clue"] if meant else []
    if seen.marks:
        reasons.append(sum_up(seen.marks))
    word = rng.choice(meant or choose_by_letters(left, CHOICE))
    return ", ".join(reasons) or "it has frequent letters", word


def _make_critic(split: str, skill: float, rng: random.Random) -> Player:
    """Make a player who judges proposals by the clue."""

    def play(messages: list[Message]) -> str:
        if rng.random() >= skill:
            reason, opinion = "it is hard to say", rng.choice(("yes", "no"))
        else:
            reason, opinion = judge(messages, split)
        return f"{EXPLANATION} {reason}\n{AGREEMENT} {opinion}"

    return play


def judge(messages: list[Message], split: str) -> tuple[str, str]:
    """Judge the last proposal as a skilled critic: a reason, and yes or no."""
    *earlier, shown = [m["content"] for m in messages if m["role"] == "user"]
    word = find_guess(shown)
    meant = choose_by_clue(find_clue(shown), list(list_vocabulary(split)))
    if word in meant:
        return "it fits the clue", "yes"
    if meant:
        return "another word fits the clue better", "no"
    if word in map(find_guess, earlier):
        return "it was proposed before", "no"
    return "nothing speaks against it", "yes"
