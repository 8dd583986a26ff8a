"""How clembench counts requests: one a round, or every reply."""

from collections.abc import Collection

from games.contract import GameMaster, Outcome
from games.events import Event, Verdict


def count_requests(master: GameMaster) -> dict[str, float]:
    """Count an episode's requests; the round that was aborted is violated."""
    requests, violated = master.round + 1, int(master.is_aborted)
    return {
        "Request Count": requests,
        "Parsed Request Count": requests - violated,
        "Violated Request Count": violated,
        "Request Success Ratio": (requests - violated) / requests,
    }


def score_rounds(master: GameMaster) -> dict[str, dict[str, float]]:
    """Count each round's requests, and see in which round the word was found."""
    last = master.round
    return {
        str(number): {
            "Accuracy": int(number == last and master.outcome is Outcome.SUCCESS),
            "Request Count": 1,
            "Parsed Request Count": int(number < last or not master.is_aborted),
            "Violated Request Count": int(number == last and master.is_aborted),
        }
        for number in range(last + 1)
    }


def list_requests(
    master: GameMaster, violating: Collection[type[Event]] = ()
) -> dict[str, list[int]]:
    """List the replies of each round, and which of them were understood.

    Args:
        master: of a finished episode.
        violating: kinds of events that stand for a reply that was not understood.
    """
    asked, violated = ([0] * (master.round + 1) for _ in range(2))
    for number, event in master.events:
        asked[number] += isinstance(event, Verdict)
        violated[number] += isinstance(event, tuple(violating))
    return {
        "Request Count": asked,
        "Parsed Request Count": [a - v for a, v in zip(asked, violated, strict=True)],
        "Violated Request Count": violated,
    }


def sum_requests(
    master: GameMaster, violating: Collection[type[Event]] = ()
) -> dict[str, float]:
    """Sum up the replies of an episode."""
    found = {key: sum(row) for key, row in list_requests(master, violating).items()}
    ratio = found["Parsed Request Count"] / found["Request Count"]
    return found | {"Request Success Ratio": ratio}
