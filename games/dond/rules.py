"""The rules of dond as small functions: read a proposal, value a division.

They follow clembench's to the letter, save that a count which is numeric but no number
("²", on which clembench's game master fails) is a malformed proposal.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import TypeVar

from games.events import Flaw
from games.kit.lexicon.text import stem

PROPOSAL = "proposal:"
# possessive, and tried once a line: linear in a reply of nothing but brackets
_BRACKETS = re.compile(r"^[^\[\n]*+\[([^\]\n]*+)\]", re.MULTILINE)
_MOST_DIGITS = 9
Counts = tuple[int, ...]
"""How many of each type of item, in the order of the types."""
Value = TypeVar("Value", int, float)
"""Whole for the referee; a player may only guess what items are worth to the other."""


class Items:
    """What is to be divided: types by their names, and how many there are of each."""

    def __init__(
        self, singular: Sequence[str], plural: Sequence[str], counts: Sequence[int]
    ) -> None:
        self.singular, self.plural = tuple(singular), tuple(plural)
        self.counts: Counts = tuple(counts)

    def list_counts(self, counts: Sequence[int]) -> str:
        """Write counts in words: "5 hats, 1 egg"; types without any count as well."""
        names = zip(counts, self.singular, self.plural, strict=True)
        return ", ".join(f"{n} {one if n == 1 else more}" for n, one, more in names)

    def list_values(self, values: Sequence[int]) -> str:
        """Write a value function in words: "hat: 1, egg: 3"."""
        pairs = zip(self.singular, values, strict=True)
        return ", ".join(f"{name}: {value}" for name, value in pairs)

    def find_index(self, name: str, count: int) -> int | None:
        """Find the type that a name means; None for none or several.

        The form that suits the count goes first, and what is exact before what only
        has the same stem.
        """
        forms = (self.singular, self.plural)
        forms = forms if count == 1 else forms[::-1]
        for words in forms:
            if name in words:
                return words.index(name)
        for words in forms:
            alike = [i for i, word in enumerate(words) if stem(word) == stem(name)]
            if alike:
                return alike[0] if len(alike) == 1 else None
        return None

    def subtract(self, counts: Sequence[int]) -> Counts:
        """Subtract counts from the items; the rest of each type comes back."""
        return tuple(n - own for n, own in zip(self.counts, counts, strict=True))


def find_bracketed(reply: str) -> str | None:
    """Find the text in the first square brackets of one line; None if none."""
    match = _BRACKETS.search(reply)
    return match and match[1]


def parse_proposal(text: str, items: Items) -> Counts | None:
    """Read the counts that a text in brackets asks for; None if it is malformed.

    It may ask for more than there is of a type.
    """
    text = text.strip().lower()
    if not text.startswith(PROPOSAL):
        return None
    text = text.removeprefix(PROPOSAL).strip().removesuffix(",").strip()
    counts: dict[int, int] = {}
    for part in text.split(",") if text else ():
        words = part.split()
        if len(words) != 2 or not words[0].isdecimal():
            return None
        if len(words[0]) > _MOST_DIGITS:
            return None  # more than there is of anything, and too long for int()
        count = int(words[0])
        index = items.find_index(words[1], count)
        if index is None or index in counts:
            return None
        counts[index] = count
    return tuple(counts.get(index, 0) for index in range(len(items.counts)))


def name_flaw(text: str) -> Flaw:
    """Name the flaw in the form of a text in brackets."""
    is_tagged = text.strip().lower().startswith(PROPOSAL)
    return Flaw.UNREADABLE if is_tagged else Flaw.NO_TAG


def is_within(counts: Sequence[int], available: Sequence[int]) -> bool:
    """Whether no more of any type is asked for than there is."""
    return all(n <= there for n, there in zip(counts, available, strict=True))


def add_points(counts: Sequence[int], values: Sequence[Value]) -> Value:
    """Add up the points that some items are worth."""
    return sum(n * value for n, value in zip(counts, values, strict=True))


def list_divisions(items: Items) -> Iterator[tuple[Counts, Counts]]:
    """Yield every way to give all items to two players."""
    for counts in product(*(range(n + 1) for n in items.counts)):
        yield counts, items.subtract(counts)


def find_largest_gain(
    items: Items,
    values: tuple[Sequence[int], Sequence[int]],
    shares: tuple[Counts, Counts],
) -> int:
    """Find the most that one player could gain without hurting the other."""
    now_a, now_b = (add_points(*pair) for pair in zip(shares, values, strict=True))
    gains = (
        (add_points(one, values[0]) - now_a, add_points(other, values[1]) - now_b)
        for one, other in list_divisions(items)
    )
    return max(max(gain) for gain in gains if min(gain) >= 0)


def find_largest_sum(items: Items, values: tuple[Sequence[int], Sequence[int]]) -> int:
    """Find the most that both can have together: each type to who values it more."""
    best = (max(pair) for pair in zip(*values, strict=True))
    return sum(n * value for n, value in zip(items.counts, best, strict=True))
