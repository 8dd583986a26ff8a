"""The rules of privateshared: what a well-formed reply is, and what it gives away.

They follow clembench's to the letter: a reply is one line behind its tag, every
further tag in it is passed over, and only the beginning of an aside is read.
"""

from collections.abc import Mapping

ANSWER, ASIDE = "ANSWER:", "ASIDE:"
"""The tags of a reply to the other, and of a reply to the referee."""
YES, NO, INVALID = "yes", "no", "NA"
"""What an aside says; also the referee's words for it."""
TRIES = 5
"""How often a question is put before the episode is aborted."""


def read_tagged(reply: str, tag: str) -> str | None:
    """Return what a reply says behind its tag; None if it is in the wrong form."""
    if not reply.startswith(tag) or "\n" in reply.strip("\n"):
        return None
    return reply.replace(tag, "").strip()


def read_aside(reply: str) -> str:
    """Return YES, NO or INVALID."""
    said = (read_tagged(reply, ASIDE) or "")[:3].lower()
    return next((word for word in (YES, NO) if said.startswith(word)), INVALID)


def slots_in(text: str, slots: Mapping[str, str]) -> list[str]:
    """Return the slots whose values stand in a text, capitals aside."""
    text = text.lower()
    return [slot for slot, value in slots.items() if value.lower() in text]
