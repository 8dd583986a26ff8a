"""Read WordNet 3.0's noun files: synsets, glosses, relations, counts. For `build.py`.

Reads the files of Debian's `wordnet-base` as they are; nothing but nouns is kept,
save the counts that tell whether a word is mostly a noun.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path("/usr/share/wordnet")
HYPERNYM, INSTANCE = ("@",), ("@i",)
PARTS = ("%p", "%s", "%m")
WHOLES = ("#p", "#s", "#m")


@dataclass
class Synset:
    """One meaning: its words, its gloss, and what it points to."""

    words: list[str]
    gloss: str
    pointers: dict[str, list[str]] = field(default_factory=dict)
    """Pointer symbol -> offsets of other noun synsets."""

    def follow(self, *symbols: str) -> list[str]:
        """List the offsets that these kinds of pointer lead to."""
        return [to for symbol in symbols for to in self.pointers.get(symbol, [])]


class Nouns:
    """All noun synsets by offset, and each lemma's senses in order of frequency."""

    def __init__(self) -> None:
        self.synsets = dict(map(_parse_synset, _read_lines("data.noun")))
        self.senses = dict(map(_parse_senses, _read_lines("index.noun")))
        self.counts = _read_counts()
        self.irregular = {line.split()[0] for line in _read_lines("noun.exc")}
        self.hyponyms = defaultdict(list)
        for offset, synset in self.synsets.items():
            for above in synset.follow(*HYPERNYM):
                self.hyponyms[above].append(offset)

    def find_ancestors(self, offset: str) -> dict[str, int]:
        """Find a synset's hypernyms, direct and indirect, with their distance."""
        found: dict[str, int] = {}
        layer, distance = [offset], 0
        while layer:
            found |= {above: distance for above in layer if above not in found}
            layer = [
                above
                for below in layer
                for above in self.synsets[below].follow(*HYPERNYM)
                if above not in found
            ]
            distance += 1
        return found

    def find_sense(self, name: str) -> str:
        """Find the offset of a sense given as "bird" (the first) or "game#3"."""
        lemma, _, number = name.partition("#")
        return self.senses[lemma][int(number or 1) - 1]


def _read_lines(name: str) -> list[str]:
    """Read a file's lines without the licence that heads it."""
    text = (FOLDER / name).read_text(encoding="latin-1")
    return [line for line in text.splitlines() if not line.startswith("  ")]


def _parse_synset(line: str) -> tuple[str, Synset]:
    """Parse a line of data.noun."""
    data, _, gloss = line.partition(" | ")
    fields = data.split()
    count = int(fields[3], 16)
    words = fields[4 : 4 + 2 * count : 2]
    pointers: dict[str, list[str]] = {}
    start = 4 + 2 * count
    for at in range(start + 1, start + 1 + 4 * int(fields[start]), 4):
        symbol, offset, part_of_speech = fields[at : at + 3]
        if part_of_speech == "n":
            pointers.setdefault(symbol, []).append(offset)
    return fields[0], Synset(words, gloss.strip(), pointers)


def _parse_senses(line: str) -> tuple[str, list[str]]:
    """Parse a line of index.noun."""
    fields = line.split()
    return fields[0], fields[-int(fields[2]) :]


def _read_counts() -> dict[str, Counter[str]]:
    """Count how often each lemma was tagged as noun (1), verb (2), adjective (3)."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in _read_lines("cntlist.rev"):
        key, number, count = line.split()
        lemma, _, rest = key.partition("%")
        counts[lemma][rest[0].replace("5", "3")] += int(count)
        if rest[0] == "1":
            counts[lemma][f"noun {number}"] += int(count)
    return counts
