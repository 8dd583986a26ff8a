"""hellogame in clembench's words."""

from collections.abc import Iterator

from games.bridge import Bridge, Wording
from games.events import Ended, Event, Malformed, Outcome
from games.hellogame.master import HelloGame


def word(master: HelloGame, event: Event) -> Iterator[Wording]:
    """Say how the one greeting was judged."""
    match event:
        case Malformed():
            yield "invalid format", "abort game"
        case Ended(Outcome.SUCCESS):
            yield "correct greeting", "end game"
        case Ended(Outcome.LOSE):
            yield "incomplete greeting", "end game"


BRIDGE = Bridge(word=word)
