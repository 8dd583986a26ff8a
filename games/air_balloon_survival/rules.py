"""The rules of air_balloon_survival as small functions: read a reply, value a deal.

A reply consists of tags and nothing else. As in clembench, a set counts wherever its
tag stands, even in an argument or in the hidden reasoning. Departures: a set may span
lines (clembench takes it out of the text unread), and a reply or a set too long to be
meant is malformed.
"""

import ast
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from games.events import Flaw
from games.kit.flaws import find_flaw

Items = frozenset[str]

LONGEST_REPLY = 8192
"""Characters; four times what our longest well-formed replies need."""
LONGEST_SET = 2048

EQUAL, INDEPENDENT, INVERSE = "equal", "independent", "inverse"
MODES = (EQUAL, INDEPENDENT, INVERSE)
"""How the values of one player go with those of the other."""


class Tag(StrEnum):
    """What may stand in a reply, always as `TAG: {...}`."""

    AGREE = "AGREE"
    REFUSE = "REFUSE"
    PROPOSAL = "PROPOSAL"
    REASONING = "STRATEGIC REASONING"
    ARGUMENT = "ARGUMENT"


class Objection(StrEnum):
    """What is wrong with a reply; the value is clembench's name of its text."""

    NO_REASONING = "no_sr_prompt"
    NO_ARGUMENT = "no_argument_prompt"
    UNTAGGED = "untagged_sequence_prompt"
    NO_SET = "invalid_python_set_error"
    ONLY_REASONING = "only_sr_prompt"
    UNKNOWN_ITEM = "proposal_error_prompt"
    NOT_TO_REFUSE = "refuse_error_prompt"
    TWO_AGREEMENTS = "agreement_ambiguous_prompt"
    NOT_TO_AGREE = "agreement_non_active_prompt"

    @property
    def is_format(self) -> bool:
        """Whether the form is wrong, and not only what is said in it."""
        return self in _FORMAT


_FORMAT = frozenset(list(Objection)[: list(Objection).index(Objection.UNKNOWN_ITEM)])


@dataclass(frozen=True)
class Statement:
    """A well-formed reply."""

    shown: str
    """What the other player sees of it: all but the reasoning."""
    proposals: tuple[Items, ...]
    refusals: tuple[Items, ...]
    agreements: tuple[Items, ...]


_SETS = {
    tag: re.compile(rf"{tag}:\s*(\{{[^}}]*\}})")
    for tag in (Tag.AGREE, Tag.REFUSE, Tag.PROPOSAL)
}
# Braces nest once. Possessive, or else a megabyte would be tried in many ways.
_TEXT = r"\{(?:[^{}]++|\{[^{}]*+\})*+\}"
_REASONING = re.compile(rf"\A\s*{Tag.REASONING}:\s*{_TEXT}")
_ARGUMENT = re.compile(rf"{Tag.ARGUMENT}:\s*{_TEXT}")


def read_reply(reply: str, reasoning: bool) -> Statement | Objection:
    """Read a reply, or name the objection to its form."""
    if len(reply) > LONGEST_REPLY:
        return Objection.UNTAGGED
    hidden = _REASONING.match(reply) if reasoning else None
    if reasoning and hidden is None:
        return Objection.NO_REASONING
    if not _ARGUMENT.search(reply):
        return Objection.NO_ARGUMENT
    if _strip_tags(reply, reasoning):
        return Objection.UNTAGGED
    found = {tag: find_sets(tag, reply) for tag in _SETS}
    sets = {
        tag: tuple(items for items in own if items is not None)
        for tag, own in found.items()
    }
    if sets != found:
        return Objection.NO_SET
    shown = reply[hidden.end() :].strip() if hidden else reply
    if not shown:
        return Objection.ONLY_REASONING
    return Statement(shown, sets[Tag.PROPOSAL], sets[Tag.REFUSE], sets[Tag.AGREE])


def name_flaw(reply: str, objection: Objection) -> Flaw:
    """Name the flaw in the form of a reply with an objection of form."""
    if objection is Objection.NO_REASONING:
        return find_flaw(reply.lstrip(), f"{Tag.REASONING}:") or Flaw.UNREADABLE
    if objection is Objection.NO_ARGUMENT:
        return Flaw.UNREADABLE if f"{Tag.ARGUMENT}:" in reply else Flaw.NO_TAG
    return Flaw.EXTRA_TEXT if objection is Objection.UNTAGGED else Flaw.UNREADABLE


def _strip_tags(reply: str, reasoning: bool) -> str:
    """Take all tags out of a reply; what is left is untagged."""
    for pattern in _SETS.values():
        reply = pattern.sub("", reply)
    if reasoning:
        reply = _REASONING.sub("", reply)
    return _ARGUMENT.sub("", reply).strip()


def find_sets(tag: Tag, text: str) -> tuple[Items | None, ...]:
    """Return the sets behind all occurrences of a tag; None for what is no set."""
    return tuple(parse_set(found[1]) for found in _SETS[tag].finditer(text))


def parse_set(text: str) -> Items | None:
    """Return the Python set that a text is; None if it is none."""
    if len(text) > LONGEST_SET:
        return None
    try:
        with warnings.catch_warnings():  # of escapes and numbers that look odd
            warnings.simplefilter("ignore")
            found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return frozenset(found) if isinstance(found, set) else None


def render_set(items: Iterable[str]) -> str:
    """Return items as they are written behind a tag."""
    return "{" + ", ".join(f"'{item}'" for item in items) + "}"


def add_up(items: Iterable[str], numbers: Mapping[str, int]) -> int:
    """Return the sum of the items' weights or values."""
    return sum(numbers[item] for item in items)


def average_harmonically(one: float, other: float) -> float:
    """Return the harmonic mean; 0 where there is none."""
    return 2 * one * other / (one + other) if one + other > 0 else 0.0
