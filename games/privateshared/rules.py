"""The rules of privateshared: what a well-formed reply is, what it gives away, scores.

They follow clembench's to the letter: a reply is one line behind its tag, every
further tag in it is passed over, and only the beginning of an aside is read.
"""

import math
from collections.abc import Mapping, Sequence

from games.events import Flaw
from games.kit.flaws import find_flaw

ANSWER, ASIDE = "ANSWER:", "ASIDE:"
"""The tags of a reply to the other, and of a reply to the referee."""
YES, NO, INVALID = "yes", "no", "NA"
"""What an aside says; also the referee's words for it."""
Pair = tuple[int, int]
"""Truth and reply of a probe: 1 for known, 0 for not known."""
TRIES = 5
"""How often a question is put before the episode is aborted."""


def read_tagged(reply: str, tag: str) -> str | None:
    """Read the text behind a reply's tag; None if the form is wrong."""
    if not reply.startswith(tag) or "\n" in reply.strip("\n"):
        return None
    return reply.replace(tag, "").strip()


def read_aside(reply: str) -> str:
    """Read an aside: YES, NO or INVALID."""
    said = (read_tagged(reply, ASIDE) or "")[:3].lower()
    return next((word for word in (YES, NO) if said.startswith(word)), INVALID)


def find_slots(text: str, slots: Mapping[str, str]) -> list[str]:
    """Find the slots whose values stand in a text, capitals aside."""
    text = text.lower()
    return [slot for slot, value in slots.items() if value.lower() in text]


def name_flaw(reply: str, tag: str) -> Flaw:
    """Name the flaw in the form of a reply that should have a tag."""
    other = ASIDE if tag == ANSWER else ANSWER
    if flaw := find_flaw(reply, tag, [other]):
        return flaw
    return Flaw.EXTRA_TEXT if "\n" in reply.strip("\n") else Flaw.UNREADABLE


def score(filled: Sequence[bool], pairs: Sequence[Pair]) -> float:
    """Score an episode: the harmonic mean of slot accuracy and truncated kappa, in %.

    Args:
        filled: of each answer in the right form, whether it had its slot's value.
        pairs: of each probe of the completed rounds, the truth and what was said.
    """
    slots = sum(filled) / len(filled) if filled else math.nan
    agreement = truncate(compute_kappa(pairs))
    if slots + agreement == 0:
        return 0.0
    return 100 * 2 * slots * agreement / (slots + agreement)


def compute_accuracy(pairs: Sequence[Pair]) -> float:
    """Compute the share of pairs that are equal; NaN of none."""
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else math.nan


def compute_kappa(pairs: Sequence[Pair]) -> float:
    """Compute Cohen's kappa of pairs of 0 and 1; NaN where both sides are one value."""
    yes, said_yes = sum(gold for gold, _ in pairs), sum(said for _, said in pairs)
    by_chance = yes * (len(pairs) - said_yes) + said_yes * (len(pairs) - yes)
    differing = sum(gold != said for gold, said in pairs)
    return 1 - differing * len(pairs) / by_chance if by_chance else math.nan


def truncate(agreement: float) -> float:
    """Raise a kappa to 0 at least; NaN is 0 too."""
    return agreement if agreement > 0 else 0.0
