"""Make `resources/`: the allowed words, and the target words with class and clue.

    apt-get download wamerican-huge wamerican-small   # SCOWL sizes 80 and 35
    dpkg -x wamerican-huge_*.deb FOLDER; dpkg -x wamerican-small_*.deb FOLDER
    python -m games.wordle.build FOLDER

Needs WordNet 3.0 (Debian `wordnet-base`) and the package `wordfreq` besides; the games
need none of them. A target is a word of SCOWL's size 35 that WordNet lists as it is
(so no plurals and past tenses), common enough, and with a gloss that makes a clue.
"""

import functools
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from wordfreq import zipf_frequency

from games.kit.lexicon import read_lexicon, stem

HERE = Path(__file__).parent
WORDNET = Path("/usr/share/wordnet")
PARTS = ("noun", "verb", "adj", "adv")
NUMBERED = dict(zip("12345", (*PARTS, "adj"), strict=True))
"""WordNet's number of a part of speech -> the name of its files."""
CLASSES = {"high": 4.6, "medium": 3.3}
"""Frequency class -> the least zipf value of its words."""
LONGEST_CLUE = 12
UNFIT = re.compile(
    r"\b(sex|genital|slur|offens|obscen|prostitut|excre|urin|nud|naked|drunk|vulgar"
    r"|ethnic|racial|negro|jew|musl|islam|catholic|penis|vagin|anus|rape|slav|breast"
    r"|testi|narcotic|feces|fecal|intercourse|homosexual|brothel|buttock|disparag"
    r"|derogat|torture|suicid|buddhis|hindu|slang|heroin|cocaine|cannabis|intimat)"
)
"""Beginnings of words that no clue may contain."""
UNFIT_WORDS = re.compile(
    "bitch|bloody|booby|booty|butch|dildo|fairy|lynch|penis|prick|pussy|sperm"
)
"""Words that are no targets, whatever their glosses say."""


def read_scowl(folder: Path, size: str) -> list[str]:
    """Read the five-letter words of a Debian package's list, sorted."""
    text = (folder / f"usr/share/dict/american-english-{size}").read_text("utf-8")
    return sorted(set(re.findall(r"^[a-z]{5}$", text, re.MULTILINE)))


def read_lines(name: str) -> list[str]:
    """Read the lines of a WordNet file without the licence that heads it."""
    text = (WORDNET / name).read_text(encoding="latin-1")
    return [line for line in text.splitlines() if not line.startswith("  ")]


def list_glosses() -> dict[str, list[str]]:
    """List the glosses of each word's senses, the most frequent first; no names."""
    counts: Counter[tuple[str, str, int]] = Counter()
    for line in read_lines("cntlist.rev"):
        key, number, count = line.split()
        lemma, _, rest = key.partition("%")
        counts[lemma, NUMBERED[rest[0]], int(number)] += int(count)
    found: dict[str, list[tuple[int, tuple[list[str], str]]]] = defaultdict(list)
    for part in PARTS:
        for line in read_lines(f"index.{part}"):
            lemma, _, num, *_ = fields = line.split()
            for sense, offset in enumerate(fields[-int(num) :], 1):
                uses = counts[lemma, part, sense]
                found[lemma].append((-uses, read_meanings()[part, offset]))
    # a stable sort: nouns first where the counts say nothing
    return {
        lemma: [
            gloss
            for _, (words, gloss) in sorted(known, key=lambda s: s[0])
            if lemma in words
        ]
        for lemma, known in found.items()
    }


@functools.cache
def read_meanings() -> dict[tuple[str, str], tuple[list[str], str]]:
    """Read the words, as they are written, and the gloss of each (part, offset)."""
    found = {}
    for part in PARTS:
        for line in read_lines(f"data.{part}"):
            data, _, gloss = line.partition(" | ")
            fields = data.split()
            words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
            # an adjective can carry a marker: "about(p)"
            found[part, fields[0]] = [word.partition("(")[0] for word in words], gloss
    return found


def find_clue(gloss: str, word: str) -> str | None:
    """Find the first part of a gloss that is short and does not tell the word."""
    for part in re.sub(r"\([^)]*\)|\"[^\"]*\"", "", gloss.lower()).split(";"):
        told = re.findall(r"[a-z]+", part)
        clue = " ".join(re.sub(r"[^a-z0-9',/ -]", "", part).split()).strip(" ,:-")
        is_short = 3 <= len(told) <= LONGEST_CLUE
        if is_short and not UNFIT.search(clue) and not is_told(told, word):
            return clue
    return None


def is_told(told: list[str], word: str) -> bool:
    """Whether some text holds a word, or a form of it."""
    return any(stem(said) == stem(word) or word[:4] in said for said in told)


def list_targets(
    words: list[str], taken: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield (word, class, clue) of the words that can be targets."""
    known = list_glosses()
    for word in words:
        zipf = zipf_frequency(word, "en")
        name = next((name for name, least in CLASSES.items() if zipf >= least), None)
        is_plural = word[-1] == "s" and word[:-1] in known
        if name is None or is_plural or word in taken or UNFIT_WORDS.match(word):
            continue
        senses = known.get(word, [])
        if any(UNFIT.search(gloss) for gloss in senses[:3]):
            continue
        made = [find_clue(gloss, word) for gloss in senses[:2]]
        if word in read_lexicon():
            made = [*read_lexicon()[word].clues[:1], *made]
        if clue := next(filter(None, made), None):
            yield word, name, clue


def main() -> None:
    """Write `allowed.txt`, a line for each two first letters, and `targets.tsv`."""
    folder, rows = Path(sys.argv[1]), defaultdict(list)
    for word in read_scowl(folder, "huge"):
        rows[word[:2]].append(word)
    text = "".join(f"{' '.join(row)}\n" for row in rows.values())
    (HERE / "resources/allowed.txt").write_text(text)
    prompts = " ".join(path.read_text() for path in (HERE / "prompts").glob("*.txt"))
    # a word of a prompt would stand before the guesser's eyes
    taken = frozenset(re.findall(r"[a-z]+", prompts.lower()))
    made = list_targets(read_scowl(folder, "small"), taken)
    text = "".join(f"{word}\t{name}\t{clue}\n" for word, name, clue in made)
    (HERE / "resources/targets.tsv").write_text(text)


if __name__ == "__main__":
    main()
