"""What a scripted player knows: whether a question is to be answered with yes.

Understands "Is it a kind of bird?", "Is it 'lion'?", a handful of everyday notions
("Can you eat it?", see `resources/notions.json`), first letters, and else whether
the question has words that the lexicon connects with the word.
"""

import functools
import json
import re
from pathlib import Path

from games.kit.lexicon import Entry, list_stems, read_lexicon, stem

_FIRST_LETTER = re.compile(r"\b(?:start|begin)s? with (?:the letter )?\W?([a-z])\b")
_NAMED = re.compile(
    r"^is (?:it|the target word|the word) (?:an? |the |[\"'])\w+[\"']?$"
)
_FILLERS = frozenset({"kind", "type", "sort", "target", "word", "call", "thing"})


def is_true(question: str, word: str) -> bool | None:
    """Whether `question` is true of `word`; None if nobody can tell."""
    text = question[:500].lower().strip(" ?.!\n")
    word = word.lower()
    if match := _FIRST_LETTER.search(text):
        return word.startswith(match[1])
    asked = set(list_stems(text)) - _FILLERS
    entry = read_lexicon().get(word)
    if stem(word) in asked and not asked & set(_index_categories()):
        return True
    if entry is None:
        return False if _is_about_word(text, asked) else None
    return _is_true_of(entry, text, asked) != (" not " in text)


def _is_true_of(entry: Entry, text: str, asked: set[str]) -> bool:
    """Whether a question of these stems is true of a word of the lexicon."""
    if meant := _find_meant(asked):
        return any(name in meant for name in entry.path)
    if _is_about_word(text, asked):
        return False
    return bool(asked & entry.stems)


def _find_meant(asked: set[str]) -> frozenset[str]:
    """Find the categories a question means: those named in full, else in part."""
    full = _list_names()
    named = [name for name, stems in full.items() if stems <= asked]
    if named:
        longest = max(len(full[name]) for name in named)
        return frozenset(name for name in named if len(full[name]) == longest)
    return frozenset().union(*(_index_categories().get(known, ()) for known in asked))


def _is_about_word(text: str, asked: set[str]) -> bool:
    """Whether a question asks for one word: "is it a lion", "is it 'lion'"."""
    return bool(_NAMED.match(text)) and len(asked) <= 1


@functools.cache
def _list_names() -> dict[str, frozenset[str]]:
    """List the stems of all categories and sub-categories."""
    names = {name: None for entry in read_lexicon().values() for name in entry.path}
    return {name: frozenset(list_stems(name)) for name in names}


@functools.cache
def _index_categories() -> dict[str, frozenset[str]]:
    """Map each stem to the (sub-)categories that it means in a question."""
    meant: dict[str, set[str]] = {}
    for entry in read_lexicon().values():
        for name in entry.path:
            for known in list_stems(name):
                meant.setdefault(known, set()).add(name)
    path = Path(__file__).with_name("resources") / "notions.json"
    for notion, names in json.loads(path.read_text(encoding="utf-8")).items():
        meant.setdefault(stem(notion), set()).update(names)
    return {known: frozenset(names) for known, names in meant.items()}
