"""Scripted players of guesswhat, who know the lexicon.

The guesser asks whatever splits the words left most evenly, and guesses the last one.
The answerer tells the truth as far as it understands the question. Skill is the share
of replies made so; the others are random questions, guesses and answers.
"""

import random

from games.contract import Instance, Message, Player
from games.guesswhat.knowledge import is_true
from games.guesswhat.master import ANSWERER, MAX_ROUNDS
from games.guesswhat.rules import ANSWER, GUESS, QUESTION, read_question
from games.kit.lexicon import read_lexicon

HASTE = 0.2
"""Share of the unskilled replies of a guesser that are a guess of any word at all."""


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted guesser or answerer."""
    if role == ANSWERER:
        return _make_answerer(instance.data["target_word"], skill, rng)
    rounds = instance.data.get("max_turns", MAX_ROUNDS)
    return _make_guesser(instance.data["candidate_list"], rounds, skill, rng)


def _make_answerer(target: str, skill: float, rng: random.Random) -> Player:
    """Make a player who answers questions about `target`."""

    def play(messages: list[Message]) -> str:
        question = messages[-1]["content"].rpartition(QUESTION)[2].strip()
        truth = is_true(question, target) if rng.random() < skill else None
        if truth is None:
            truth = rng.random() < 0.5
        return f"{ANSWER} {'yes' if truth else 'no'}"

    return play


def _make_guesser(
    candidates: list[str], rounds: int, skill: float, rng: random.Random
) -> Player:
    """Make a player who finds one of the candidates by halving them."""

    def play(messages: list[Message]) -> str:
        left = list_remaining(candidates, messages) or candidates
        if rng.random() >= skill:
            if rng.random() < HASTE:
                return f"{GUESS} {rng.choice(list(read_lexicon()))}"
            return f"{QUESTION} {rng.choice(list_questions(list(read_lexicon())))}"
        if len(left) == 1 or len(messages) // 2 >= rounds - 1:
            return f"{GUESS} {rng.choice(left)}"
        return f"{QUESTION} {choose_question(left)}"

    return play


def list_remaining(candidates: list[str], messages: list[Message]) -> list[str]:
    """List the candidates that fit all answers so far."""
    left = candidates
    for said, heard in zip(messages[1::2], messages[2::2], strict=False):
        question = read_question(said["content"])
        yes = "yes" in heard["content"].lower()
        left = [word for word in left if is_true(question, word) in (yes, None)]
    return left


def list_questions(words: list[str]) -> list[str]:
    """List questions about the categories of some words, and about the words."""
    paths = [
        read_lexicon()[w.lower()].path for w in words if w.lower() in read_lexicon()
    ]
    kinds = dict.fromkeys(name for path in zip(*paths, strict=True) for name in path)
    asked = [f"Is it a kind of {name}?" for name in kinds]
    return asked + [f'Is it "{word}"?' for word in words]


def choose_question(left: list[str]) -> str:
    """Choose the question that splits the words left most evenly."""

    def measure_unevenness(question: str) -> int:
        return abs(2 * sum(bool(is_true(question, w)) for w in left) - len(left))

    return min(list_questions(left), key=measure_unevenness)
