"""What scripted players of wordle know: words, what clues mean, what a chat has told.

Players only know words of the split that their instance belongs to: otherwise a wrong
guess in a training episode could be a word that the test asks for.
"""

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log

from games.contract import Message
from games.kit.lexicon import list_stems
from games.kit.splits import split_of
from games.wordle.rules import (
    CLUE,
    FEEDBACK,
    GREEN,
    GUESS,
    RED,
    VERDICT,
    YELLOW,
    Said,
    mark_letters,
    read_guess,
)
from games.wordle.words import read_allowed, read_targets

_MARK = re.compile(rf"(\w)<({GREEN}|{YELLOW}|{RED})>")
_GUESS = re.compile(rf"^{GUESS} (\w+)$", re.MULTILINE)
_CLUE = re.compile(rf"^{CLUE} (.*)$", re.MULTILINE)
_VERDICT = re.compile(rf"^{VERDICT} (yes|no)$", re.MULTILINE)

Marks = tuple[str, tuple[str, ...]]
"""A guess and the colours of its letters."""


@dataclass
class Seen:
    """What a guesser knows from its chat."""

    clue: str = ""
    marks: list[Marks] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Guesses that were no known words."""
    proposal: str = ""
    """The guess that the critic has just given an opinion of."""
    opinion: str = ""
    """The critic's opinion: "yes", "no" or none."""


def read_chat(messages: list[Message]) -> Seen:
    """Read what a guesser knows: the prompt's own examples are no feedback."""
    seen = Seen(clue=find_clue(messages[0]["content"]))
    for said, heard in zip(messages[1::2], messages[2::2], strict=False):
        own, text = read_guess(said["content"]), heard["content"]
        guess = own.value if isinstance(own, Said) else ""
        verdict = _VERDICT.search(text)
        seen.proposal = seen.opinion = ""
        if text.startswith(FEEDBACK):
            letters, marks = zip(*_MARK.findall(text.partition("\n")[0]), strict=True)
            seen.marks.append(("".join(letters), marks))
        elif verdict:
            seen.proposal, seen.opinion = guess, verdict[1]
        else:
            seen.refused.add(guess)
    return seen


def find_guess(text: str) -> str:
    """Find the last guess in a message to the critic."""
    found = _GUESS.findall(text)
    return found[-1] if found else ""


def find_clue(text: str) -> str:
    """Find the last clue in a message."""
    found = _CLUE.findall(text)
    return found[-1] if found else ""


@functools.cache
def list_vocabulary(split: str) -> tuple[str, ...]:
    """List the words that come to mind: the targets of a split."""
    return tuple(word for word in read_targets() if split_of(word) == split)


@functools.cache
def _list_rare(split: str) -> tuple[str, ...]:
    """List all allowed words of a split."""
    return tuple(w for w in sorted(read_allowed()) if split_of(w) == split)


def list_candidates(seen: Seen, split: str) -> list[str]:
    """List the words that can still be right; rare ones if no common one can."""
    for words in (list_vocabulary(split), _list_rare(split)):
        left = [
            w for w in words if w not in seen.refused and is_possible(w, seen.marks)
        ]
        if left:
            return left
    return list(list_vocabulary(split))


def is_possible(word: str, marks: Iterable[Marks]) -> bool:
    """Whether a word would have given every guess its colours."""
    return all(mark_letters(guess, word) == marked for guess, marked in marks)


def choose_by_letters(words: list[str], num: int) -> list[str]:
    """Choose the words with the letters that most of the words have."""
    counts = Counter(letter for word in words for letter in set(word))
    return sorted(words, key=lambda word: -sum(counts[x] for x in set(word)))[:num]


def choose_by_clue(clue: str, words: list[str]) -> list[str]:
    """Choose those of the words that a clue speaks for most; none if for none."""
    index = _index_words()
    votes: dict[str, float] = defaultdict(float)
    for known in sorted(set(list_stems(clue)) & index.keys()):
        for word in index[known]:
            votes[word] += log(len(read_targets()) / len(index[known]))
    most = max((votes[word] for word in words), default=0.0)
    return [word for word in words if 0 < votes[word] > most - 1e-9]


@functools.cache
def _index_words() -> dict[str, list[str]]:
    """Map each stem to the targets that it speaks for."""
    index: dict[str, list[str]] = defaultdict(list)
    for word, target in read_targets().items():
        for known in sorted(set(list_stems(target.clue))):
            index[known].append(word)
    return dict(index)


def sum_up(marks: list[Marks]) -> str:
    """Sum the feedback up, as briefly as "_ra_e, with t, without o s"."""
    places = ["_"] * len(marks[0][0])
    by_colour: dict[str, set[str]] = {YELLOW: set(), RED: set(), GREEN: set()}
    for guess, marked in marks:
        for place, (letter, colour) in enumerate(zip(guess, marked, strict=True)):
            by_colour[colour].add(letter)
            if colour == GREEN:
                places[place] = letter
    placed = by_colour[GREEN]
    parts = ["".join(places)] if placed else []
    if elsewhere := sorted(by_colour[YELLOW] - placed):
        parts.append(f"with {' '.join(elsewhere)}")
    if absent := sorted(by_colour[RED] - placed - by_colour[YELLOW]):
        parts.append(f"without {' '.join(absent)}")
    return ", ".join(parts)
