"""What is wrong with a reply that should begin with a tag."""

from collections.abc import Iterable

from games.events import Flaw


def find_flaw(reply: str, tag: str, others: Iterable[str] = ()) -> Flaw | None:
    """Say why a reply does not begin with its tag, if it does not.

    `others` are the tags of the game's other replies.
    """
    if reply.startswith(tag):
        return None
    if reply.startswith(tuple(others)):
        return Flaw.WRONG_TAG
    return Flaw.EXTRA_TEXT if tag in reply else Flaw.NO_TAG
