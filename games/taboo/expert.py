"""Scripted players of taboo, who know the lexicon.

The describer gives one of its word's clues. The guesser looks for the word that most
is said of in the clues, rare words counting more; it understands free text as far as
the lexicon does. Skill is the share of replies made so; the others are vague clues
(now and then a forbidden word) and random guesses.

A guesser only knows words of the split that its instance belongs to: otherwise a wrong
guess in a training episode could be a word that the test asks for.
"""

import functools
import random
from collections import defaultdict
from collections.abc import Sequence
from math import log

from games.contract import Instance, Message, Player
from games.kit.lexicon import list_stems, read_lexicon, stem
from games.kit.splits import split_of
from games.taboo.master import DESCRIBER
from games.taboo.rules import CLUE, GUESS, find_clash, strip_tags

SLIPS = 0.1
"""Share of the unskilled clues that say a forbidden word."""
SIZES = frozenset({"big", "larg", "huge", "long", "tall", "small", "tini"})
"""Stems that describers like but that hardly tell words apart: a quarter of a vote."""
VAGUE = ("most people have heard of it", "you know it well", "it is a common word")


def make_expert(
    instance: Instance, role: str, skill: float, rng: random.Random
) -> Player:
    """Return a scripted describer or guesser."""
    if role == DESCRIBER:
        target, related = instance.data["target_word"], instance.data["related_word"]
        return _make_describer(target, related, skill, rng)
    return _make_guesser(list_vocabulary(instance.data["target_word"]), skill, rng)


def _make_describer(
    target: str, related: list[str], skill: float, rng: random.Random
) -> Player:
    """Make a player who describes `target` without saying what is forbidden."""

    def play(messages: list[Message]) -> str:
        said = {message["content"] for message in messages}
        if rng.random() < skill:
            fresh = [
                c for c in list_good_clues(target, related) if f"{CLUE} {c}" not in said
            ]
            clue = fresh[0] if fresh else choose_vague_clue(target, related, rng)
            return f"{CLUE} {clue}"
        if rng.random() < SLIPS:
            return f"{CLUE} it is like {rng.choice([target, *related])}"
        return f"{CLUE} {choose_vague_clue(target, related, rng)}"

    return play


def list_good_clues(target: str, related: list[str]) -> list[str]:
    """List the lexicon's clues for a word that this instance allows."""
    entry = read_lexicon().get(target)
    clues = entry.clues if entry else ()
    return [c for c in clues if find_clash(c, [target, *related]) is None]


def choose_vague_clue(target: str, related: list[str], rng: random.Random) -> str:
    """Choose a clue that is true of many words: its category, or less."""
    entry = read_lexicon().get(target)
    clues = [*VAGUE, *([f"it has to do with {entry.path[0]}"] * 3 if entry else [])]
    allowed = [c for c in clues if find_clash(c, [target, *related]) is None]
    return rng.choice(allowed or ["guess"])


@functools.cache
def list_vocabulary(target: str) -> tuple[str, ...]:
    """List the lexicon's words that belong to the same split as `target`."""
    split = split_of(target)
    return tuple(word for word in read_lexicon() if split_of(word) == split)


def _make_guesser(words: tuple[str, ...], skill: float, rng: random.Random) -> Player:
    """Make a player who finds one of `words` by what the clues say of it."""

    def play(messages: list[Message]) -> str:
        clues = [_find_clue(m["content"]) for m in messages if m["role"] == "user"]
        guessed = {
            strip_tags(m["content"], GUESS)
            for m in messages
            if m["role"] == "assistant"
        }
        open_words = [word for word in words if word not in guessed]
        if rng.random() < skill:
            open_words = choose_words(clues, open_words) or open_words
        return f"{GUESS} {rng.choice(open_words)}"

    return play


def _find_clue(message: str) -> str:
    """Find the clue in a message that may begin with the prompt."""
    return message.rpartition(CLUE)[2]


def choose_words(clues: list[str], words: Sequence[str]) -> list[str]:
    """Choose those of `words` that the clues say most of; none if they say nothing.

    A word whose own stem occurs is ruled out: the describer may not say it.
    """
    said = {heard for clue in clues for heard in list_stems(clue)}
    index = _index_words()
    votes: dict[str, float] = defaultdict(float)
    for known in sorted(said & index.keys()):
        vote = log(len(read_lexicon()) / len(index[known]))
        for word in index[known]:
            votes[word] += vote / 4 if known in SIZES else vote
    scores = {word: votes[word] for word in words if stem(word) not in said}
    most = max(scores.values(), default=0.0)
    return [word for word, score in scores.items() if 0 < score > most - 1e-9]


@functools.cache
def _index_words() -> dict[str, list[str]]:
    """Map each stem to the words that it speaks for."""
    index: dict[str, list[str]] = defaultdict(list)
    for word, entry in read_lexicon().items():
        for known in sorted(entry.stems):
            index[known].append(word)
    return dict(index)
