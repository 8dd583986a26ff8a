"""What the scripted players of dond say to each other, and what they understand.

They say points as "I get 3 per hat, 1 per egg." and offers as "You take 2 hats. I take
1 egg." Other wordings are understood where a number stands beside the name of an item.
"""

import re
from collections.abc import Sequence

from games.dond.rules import Counts, Items

LONGEST_TEXT = 1000
"""What is said beyond it is not read."""

_SENTENCE_END = re.compile(r"[.!?;\n]")
_ABOUT_VALUES = re.compile(
    r"\b(?:per|worth|value|values|points?)\b|[:=]", re.IGNORECASE
)
_PER = re.compile(
    r"\b(\d{1,3}) (?:points? )?(?:per|for each|for every|for an?|for|each) (\w+)"
)
_WORTH = re.compile(r"\b(\w+)(?: (?:is|are))?(?: worth|:| =|=) ?(\d{1,3})\b")
_ACCEPTED = re.compile(r"\b(?:agree|agreed|deal|ok|okay|yes|accept|sure)\b", re.I)
_WORD = re.compile(r"[\w']+")
_SPEAKER = frozenset(["i", "i'll", "i'd", "me", "my", "mine"])
_HEARER = frozenset(["you", "you'll", "you'd", "your", "yours"])
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_ALL = frozenset(["all", "the", "every", "both"])


def tell_values(items: Items, values: Sequence[int]) -> str:
    """Say how much every item is worth to the speaker."""
    pairs = zip(values, items.singular, strict=True)
    return f"I get {', '.join(f'{value} per {name}' for value, name in pairs)}."


def tell_offer(items: Items, own: Counts) -> str:
    """Say in two sentences who takes what."""
    yours, mine = (name_taken(items, n) for n in (items.subtract(own), own))
    return f"You take {yours}. I take {mine}."


def name_taken(items: Items, counts: Counts) -> str:
    """Write counts in words, without the items that are not taken at all."""
    parts = items.list_counts(counts).split(", ")
    return ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing"


def read_values(text: str, items: Items) -> list[int] | None:
    """Read how much the items are worth to the speaker, who has told some of it."""
    found: dict[int, int] = {}
    for sentence in _split_sentences(text):
        if not _ABOUT_VALUES.search(sentence):
            continue
        pairs = [(name, value) for value, name in _PER.findall(sentence)]
        for name, value in pairs or _WORTH.findall(sentence):
            index = items.find_index(name, 1)
            if index is not None:
                found[index] = int(value)
    return [found.get(i, 0) for i in range(len(items.counts))] if found else None


def read_offer(text: str, items: Items) -> Counts | None:
    """Read how much the speaker offers to take itself; None if it makes no offer.

    Where only the hearer's part is told, the speaker takes the rest.
    """
    shares: dict[bool, dict[int, int]] = {}
    for sentence in _split_sentences(text):
        if not _ABOUT_VALUES.search(sentence):
            _read_shares(sentence, items, shares)
    if not any(shares.values()):
        return None
    speaker, hearer = (
        tuple(shares.get(own, {}).get(i, 0) for i in range(len(items.counts)))
        for own in (True, False)
    )
    return speaker if True in shares else items.subtract(hearer)


def _read_shares(
    sentence: str, items: Items, shares: dict[bool, dict[int, int]]
) -> None:
    """Add to `shares` what a sentence gives to the speaker and to the hearer."""
    own, count = None, None
    for word in _WORD.findall(sentence):
        if word in _SPEAKER or word in _HEARER:
            own, count = word in _SPEAKER, None
        elif own is None:
            continue
        elif word == "nothing":
            shares.setdefault(own, {})
        elif word in _ALL:
            count = -1
        elif word.isdecimal() or word in _NUMBERS:
            count = _NUMBERS[word] if word in _NUMBERS else int(word[:3])
        elif count is not None and (index := items.find_index(word, count)) is not None:
            whole = items.counts[index]
            shares.setdefault(own, {})[index] = whole if count < 0 else count
            count = None


def is_accepted(text: str) -> bool:
    """Whether a message agrees with what was said before."""
    return bool(_ACCEPTED.search(text[:LONGEST_TEXT]))


def _split_sentences(text: str) -> list[str]:
    return _SENTENCE_END.split(text[:LONGEST_TEXT].lower())
