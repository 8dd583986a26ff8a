"""The lexicon: about a thousand common nouns, and what players may know of them.

`stages.tools.build_lexicon` makes `words.json` from WordNet 3.0 (LICENSE.WordNet) and
word frequencies, for words chosen by hand.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from games.kit.lexicon.text import list_stems, read_stopwords, stem


@dataclass(frozen=True)
class Entry:
    """What the lexicon knows of one word."""

    word: str
    frequency: str
    """high, medium or low."""
    path: tuple[str, str]
    """Its category and sub-category: ("animal", "bird")."""
    related: tuple[str, ...]
    """Three words that one would describe it with first."""
    clues: tuple[str, ...]
    """Descriptions of at most eight words, without the word and its related ones."""
    abstract: bool
    stems: frozenset[str]
    """The stems that speak for this word when they occur in a description."""


@functools.cache
def read_lexicon() -> dict[str, Entry]:
    """Read all entries by word."""
    path = Path(__file__).with_name("words.json")
    raw = json.loads(path.read_text(encoding="utf-8"))
    return {word: _make_entry(word, fields) for word, fields in raw.items()}


def _make_entry(word: str, fields: dict[str, Any]) -> Entry:
    """Make the entry of one line of `words.json`."""
    told = " ".join([*fields["clues"], *fields["path"], *fields["related"]])
    return Entry(
        word=word,
        frequency=fields["class"],
        path=tuple(fields["path"]),
        related=tuple(fields["related"]),
        clues=tuple(fields["clues"]),
        abstract=fields.get("abstract", False),
        stems=frozenset(fields["stems"]) | set(list_stems(told)),
    )


__all__ = ["Entry", "list_stems", "read_lexicon", "read_stopwords", "stem"]
