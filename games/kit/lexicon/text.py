"""Words reduced to stems, and the words that carry no meaning (NLTK's English list)."""

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nltk.stem import SnowballStemmer

LONGEST_WORD = 100
"""Stemming takes quadratic time, and no word of interest is as long."""
_STOPWORDS = Path(__file__).with_name("stopwords.txt")


def stem(word: str) -> str:
    """Return a word's stem; what is too long to be a word stays as it is."""
    return _find_stem(word) if len(word) <= LONGEST_WORD else word


def list_stems(text: str, longest: int = 2000) -> list[str]:
    """List the stems of a text's first words, stopwords left out, in order."""
    words = re.findall(r"[a-z]+", text[:longest].lower())
    return [stem(word) for word in words if word not in read_stopwords()]


@functools.cache
def read_stopwords() -> frozenset[str]:
    """Read the words that carry no meaning of their own."""
    return frozenset(_STOPWORDS.read_text(encoding="utf-8").split())


@functools.lru_cache(maxsize=65536)
def _find_stem(word: str) -> str:
    return _make_stemmer().stem(word)


@functools.cache
def _make_stemmer() -> "SnowballStemmer":
    # NLTK takes seconds to import, and most processes never stem a word
    from nltk.stem import SnowballStemmer

    return SnowballStemmer("english")
