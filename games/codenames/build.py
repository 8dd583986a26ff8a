"""Build `resources/`, once: WordNet's nouns, their irregular forms, ambiguous words.

    apt-get install wordnet-base && python -m games.codenames.build

Needs WordNet 3.0 in /usr/share/wordnet; the game does not.
"""

import lzma
from collections.abc import Iterator
from pathlib import Path

from games.codenames.lemma import RESOURCES, find_regular_lemma
from games.kit.lexicon import read_lexicon

FOLDER = Path("/usr/share/wordnet")
MANY_SENSES = 5
"""A word with as many senses, as a noun, is ambiguous; one with one is not."""


def read_lines(name: str) -> Iterator[list[str]]:
    """Yield a file's lines as fields, without the licence that heads it."""
    for line in (FOLDER / name).read_text(encoding="latin-1").splitlines():
        if not line.startswith("  "):
            yield line.split()


def count_senses() -> dict[str, int]:
    """Count the senses of each noun."""
    return {word: int(num) for word, _, num, *_ in read_lines("index.noun")}


def list_irregular(known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the listed forms whose lemma the endings would get wrong."""
    # a form listed twice counts as it is listed last, as in NLTK
    listed = {
        form: lemmas for form, *lemmas in read_lines("noun.exc") if "_" not in form
    }
    for form, lemmas in listed.items():
        fit = [word for word in (form, *lemmas) if word in known]
        lemma = min(fit, key=len, default=form)
        if lemma != find_regular_lemma(form, known):
            yield form, lemma


def main() -> None:
    """Write the three files."""
    counts = count_senses()
    known = frozenset(counts)
    text = "".join(f"{word}\n" for word in sorted(known) if "_" not in word)
    packed = lzma.compress(text.encode("ascii"), preset=9 | lzma.PRESET_EXTREME)
    (RESOURCES / "nouns.txt.xz").write_bytes(packed)
    forms = [f"{form} {lemma}\n" for form, lemma in list_irregular(known)]
    (RESOURCES / "irregular.txt").write_text("".join(forms))
    words = {
        "ambiguous": [word for word in read_lexicon() if counts[word] >= MANY_SENSES],
        "unambiguous": [word for word in read_lexicon() if counts[word] == 1],
    }
    rows = [f"{name}: {' '.join(found)}\n" for name, found in words.items()]
    (RESOURCES / "senses.txt").write_text("".join(rows))


if __name__ == "__main__":
    main()
