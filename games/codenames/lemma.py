"""The lemma of a noun, as NLTK's WordNet lemmatizer gives it, without its data.

`resources/` holds WordNet's nouns and the irregular forms; see `build.py`. It leaves
out those of several words, which WordNet writes with an underscore ("ice_cream"): a
word with one stays as it is. No board has such a word, so no clue is judged otherwise.
"""

import functools
import lzma
from pathlib import Path

RESOURCES = Path(__file__).with_name("resources")
ENDINGS = (
    ("s", ""),
    ("ses", "s"),
    ("ves", "f"),
    ("xes", "x"),
    ("zes", "z"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("men", "man"),
    ("ies", "y"),
)


def find_lemma(word: str) -> str:
    """Find the shortest noun that `word` is a form of; itself if there is none."""
    return read_irregular().get(word) or find_regular_lemma(word, read_nouns())


def find_regular_lemma(word: str, known: frozenset[str]) -> str:
    """Find the shortest of the known nouns that the endings make of `word`."""
    forms = [word]
    forms += [word[: -len(old)] + new for old, new in ENDINGS if word.endswith(old)]
    return min((form for form in forms if form in known), key=len, default=word)


@functools.cache
def read_nouns() -> frozenset[str]:
    """Read all nouns without an underscore."""
    with lzma.open(RESOURCES / "nouns.txt.xz", "rt", encoding="ascii") as file:
        return frozenset(file.read().split())


@functools.cache
def read_irregular() -> dict[str, str]:
    """Read the lemmas of the forms for which the endings are no guide."""
    text = (RESOURCES / "irregular.txt").read_text(encoding="ascii")
    return dict(line.split() for line in text.splitlines())
