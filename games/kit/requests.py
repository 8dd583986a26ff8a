"""Clembench's scores of games that count one request a round: taboo and guesswhat."""

from games.contract import GameMaster, Outcome


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
