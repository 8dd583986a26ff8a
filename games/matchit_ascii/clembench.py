"""matchit_ascii in clembench's words."""

from collections.abc import Iterable, Iterator

from games.bridge import Bridge, Wording
from games.events import Accepted, Ended, Event, Malformed, Outcome
from games.matchit_ascii.events import Decision, NoDecision
from games.matchit_ascii.master import MatchIt
from games.matchit_ascii.rules import A, B

DECISION = {A: "Decision Player A", B: "Decision Player B"}


def word(master: MatchIt, event: Event) -> Iterator[Wording]:
    """Say whether a reply had its flag, and how decisions and the episode went."""
    if isinstance(event, Accepted | NoDecision):
        yield "valid format", "continue"
    match event:
        case Decision(role, is_right):
            yield DECISION[role], "success" if is_right else "loss"
        case NoDecision():
            yield "invalid content", "abort, wrong message content."
        case Malformed():
            yield "invalid format", "abort, wrong flag."
        case Ended(Outcome.ABORTED):
            yield "Game over", "Aborted"


def score_episode(master: MatchIt) -> dict[str, float]:
    """Count requests, and give 50 for each correct decision."""
    right = sum(decision.is_right for decision in master.list_events(Decision))
    return {
        **_count_requests(event for _, event in master.events),
        "Player Score": master.score_or_nan(50 * right),
    }


def score_turns(master: MatchIt) -> dict[str, dict[str, float]]:
    """Count the requests of each round."""
    rounds: list[list[Event]] = [[] for _ in range(master.round + 1)]
    for number, event in master.events:
        rounds[number].append(event)
    return {str(n): _count_requests(events) for n, events in enumerate(rounds)}


def _count_requests(events: Iterable[Event]) -> dict[str, float]:
    """Count requests as clembench does.

    A decision with its flag that is no decision counts twice: as a parsed request and
    as a violated one.
    """
    events = list(events)
    parsed = sum(isinstance(event, Accepted | NoDecision) for event in events)
    violated = sum(isinstance(event, Malformed) for event in events)
    return {
        "Request Count": float(parsed + violated),
        "Parsed Request Count": float(parsed),
        "Violated Request Count": float(violated),
    }


BRIDGE = Bridge(word=word, score_episode=score_episode, score_turns=score_turns)
