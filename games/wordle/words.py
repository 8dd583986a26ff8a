"""The words of wordle: those that may be guessed, and those that are to be found."""

import functools
from dataclasses import dataclass
from pathlib import Path

RESOURCES = Path(__file__).with_name("resources")


@dataclass(frozen=True)
class Target:
    """A word to be found."""

    word: str
    frequency: str
    """high or medium."""
    clue: str
    """What it means, in at most a dozen words."""


@functools.lru_cache(maxsize=8)
def split_words(text: str) -> frozenset[str]:
    """Split a text into its words; instances of one experiment share one set."""
    return frozenset(text.split())


@functools.cache
def read_allowed() -> frozenset[str]:
    """Read all words that may be guessed."""
    return split_words((RESOURCES / "allowed.txt").read_text(encoding="utf-8"))


@functools.cache
def read_targets() -> dict[str, Target]:
    """Read all words to be found, in alphabetical order."""
    text = (RESOURCES / "targets.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()]
    return {row[0]: Target(*row) for row in rows}
