"""Build the lexicon once: what a player may know about each word of `chosen.txt`.

    apt-get install wordnet-base && python -m stages.tools.build_lexicon

Writes games/kit/lexicon/words.json. Needs WordNet 3.0 in /usr/share/wordnet, and the
package wordfreq; the games need neither. A word's associations are the words most
telling of it in WordNet's glosses.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import log
from pathlib import Path
from typing import Any

from wordfreq import zipf_frequency

from games.kit import lexicon
from games.kit.lexicon.text import read_stopwords, stem
from games.kit.lexicon.wordnet import HYPERNYM, INSTANCE, PARTS, WHOLES, Nouns
from games.taboo.rules import find_clash, list_clue_stems

HERE = Path(lexicon.__file__).parent
LINE = re.compile(r"(?P<top>.+) > (?P<sub>.+) \[(?P<anchors>.+)\]: (?P<words>.+)")
CLASSES = {"high": 4.5, "medium": 3.95, "low": 0.0}
"""Frequency class -> the least zipf frequency of its words."""
UNFIT = re.compile(
    r"sex|genital|slur|offensive|obscen|prostitut|excrement|urin|nak|nud|drunk|slang"
    r"|ethnic|racial|negro|jew|musl|catholic|penis|vagin|anus|kill|rape|slav|breast"
)
"""Stems that no clue and no related word may contain."""
DULL = read_stopwords() | set((HERE / "dull.txt").read_text().split())
"""Words that glosses are full of, and that tell nothing."""


def read_chosen() -> Iterator[tuple[list[str], list[str], str, bool]]:
    """Yield (category path, anchors, word, abstract?) from the list chosen by hand."""
    abstract = False
    for line in (HERE / "chosen.txt").read_text().splitlines():
        abstract |= line == "abstract"
        if match := LINE.fullmatch(line):
            for word in match["words"].split():
                path = [match["top"], match["sub"]]
                yield path, match["anchors"].split(), word, abstract


def split_words(text: str) -> list[str]:
    """Split a gloss into words, lower-cased."""
    return re.findall(r"[a-z]+", text.lower())


class Builder:
    """Everything that is computed once over all of WordNet."""

    def __init__(self) -> None:
        self.nouns = Nouns()
        self.words = {word.partition("#")[0] for _, _, word, _ in read_chosen()}
        self.siblings = defaultdict(list)
        for path, _, word, _ in read_chosen():
            self.siblings[tuple(path)].append(word.partition("#")[0])
        self.clue = dict(
            re.findall(r"^(\w+): (.+)$", (HERE / "clues.txt").read_text(), re.M)
        )
        self.surface: dict[str, Counter[str]] = defaultdict(Counter)
        self.seen: Counter[str] = Counter()
        self.together: dict[str, Counter[str]] = defaultdict(Counter)
        wanted = {stem(word) for word in self.words}
        for synset in self.nouns.synsets.values():
            if not synset.follow(*INSTANCE):
                words = " ".join(synset.words).replace("_", " ")
                self._count(f"{words} {synset.gloss}", wanted)

    def _count(self, text: str, wanted: set[str]) -> None:
        """Count which stems occur together in one synset's words and gloss."""
        found = {}
        for token in set(re.findall(r"\b[a-z]+\b", text)) - DULL:
            found[stem(token)] = token
            self.surface[stem(token)][token] += 1
        self.seen.update(found.keys())
        for one in wanted & found.keys():
            self.together[one].update(found.keys() - {one})

    def find_sense(self, word: str, anchors: list[str]) -> str:
        """Find the sense meant: named, or the first one below an anchor."""
        if "#" in word:
            return self.nouns.find_sense(word)
        roots = {self.nouns.find_sense(anchor) for anchor in anchors}
        below = (s for s in self.nouns.senses[word] if roots & {*self._list_above(s)})
        return next(below, self.nouns.senses[word][0])

    def _list_above(self, offset: str) -> list[str]:
        """List a sense's hypernyms without itself."""
        return [o for o in self.nouns.find_ancestors(offset) if o != offset]

    def list_associations(self, word: str) -> list[str]:
        """List the common words most telling of `word`, the best first."""
        one = stem(word)
        total = len(self.nouns.synsets)
        scores = {}
        for other, count in self.together[one].items():
            lift = log(count * total / (self.seen[one] * self.seen[other]))
            if count > 1 and self.is_common(self.spell(other)):
                scores[other] = lift * (1 - 1 / (1 + count))
        best = sorted(scores, key=lambda other: (-scores[other], other))
        return [self.spell(other) for other in best[:14]]

    def spell(self, stemmed: str) -> str:
        """Find the most frequent spelling of a stem."""
        return max(self.surface[stemmed], key=lambda w: (zipf_frequency(w, "en"), w))

    @staticmethod
    def is_common(word: str) -> bool:
        """Whether a word is well known, says something and offends nobody."""
        fit = word.isalpha() and len(word) > 2 and word not in DULL
        return fit and not UNFIT.search(word) and zipf_frequency(word, "en") > 3.2

    def list_related(self, word: str, sense: str, path: list[str]) -> list[str]:
        """List three other words that describers would use first."""
        synonyms = [w.lower() for w in self.nouns.synsets[sense].words]
        others = [w for w in self.siblings[tuple(path)] if w != word]
        at = self.siblings[tuple(path)].index(word)
        ordered = [*[*filter(self.is_common, synonyms)][:1], *others[at:], *others[:at]]
        ordered += self.list_associations(word)
        return _drop_known(ordered, {stem(word), *list_clue_stems(self.clue[word])})[:3]

    def list_clues(
        self, word: str, sense: str, path: list[str], taken: list[str]
    ) -> list[str]:
        """List up to three clues of at most eight words, allowed by the game."""
        gloss = re.sub(r"\([^)]*\)", "", self.nouns.synsets[sense].gloss)
        near = [w for w in self.siblings[tuple(path)] if w not in taken]
        candidates = [
            self.clue[word],
            shorten(re.split(r"[;]|(?<=\w{4}), |--", gloss)[0]),
            f"a kind of {path[1]} like {' or '.join(near[:2])}",
            f"it has to do with {path[1]}",
        ]
        assert is_allowed(self.clue[word], taken), f"clue of {word} breaks the rules"
        fit = [clue for clue in candidates if is_allowed(clue, taken)]
        return [fit[0], *(clue for clue in fit[1:] if not is_dull(clue))][:3]

    def list_profile(self, sense: str, word: str) -> list[str]:
        """List the stems that speak for the word when they occur in a clue."""
        synset = self.nouns.synsets[sense]
        near = synset.follow(*HYPERNYM, *PARTS, *WHOLES)
        text = " ".join([*synset.words, synset.gloss.split('"')[0]])
        text += " " + " ".join(w for o in near[:8] for w in self.nouns.synsets[o].words)
        found = [t for t in split_words(text.replace("_", " ")) if t not in DULL]
        found += self.list_associations(word)
        return _drop_known(found, {stem(word)}, stems=True)

    def make_entry(
        self, path: list[str], anchors: list[str], word: str
    ) -> dict[str, Any]:
        """Make all that the lexicon says of one word."""
        sense, word = self.find_sense(word, anchors), word.partition("#")[0]
        zipf = zipf_frequency(word, "en")
        related = self.list_related(word, sense, path)
        return {
            "class": next(name for name, least in CLASSES.items() if zipf >= least),
            "path": path,
            "related": related,
            "clues": self.list_clues(word, sense, path, [word, *related]),
            "stems": self.list_profile(sense, word)[:20],
        }


def shorten(gloss: str) -> str:
    """Cut a gloss to eight words that end in a telling one."""
    words = re.sub(r"[^a-z' -]", "", gloss.lower()).split()[:8]
    while words and words[-1] in DULL:
        words.pop()
    return " ".join(words)


def is_allowed(clue: str, taken: list[str]) -> bool:
    """Whether a clue is short enough and says nothing that is forbidden."""
    return len(clue.split()) <= 8 and find_clash(clue, taken) is None


def is_dull(clue: str) -> bool:
    """Whether a clue says next to nothing, or what it should not."""
    telling = [word for word in clue.split() if word not in DULL]
    return not telling or bool(UNFIT.search(clue))


def _drop_known(words: list[str], taken: set[str], *, stems: bool = False) -> list[str]:
    """Drop the words (or stems) whose stems are known; the rest keep their order."""
    kept: dict[str, str] = {}
    for word in words:
        if stem(word) not in taken:
            kept.setdefault(stem(word), word)
    return [*kept] if stems else [*kept.values()]


def main() -> None:
    """Write `words.json`, one line a word."""
    builder, lines = Builder(), []
    for path, anchors, word, abstract in read_chosen():
        entry = builder.make_entry(path, anchors, word)
        if abstract:
            entry["abstract"] = True
        name = json.dumps(word.partition("#")[0])
        lines.append(f"{name}: {json.dumps(entry, separators=(',', ':'))}")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (HERE / "words.json").write_text(text)


if __name__ == "__main__":
    main()
