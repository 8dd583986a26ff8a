"""One for success and nothing for a loss, whatever the score."""

from games.contract import Outcome
from games.session import Episode


def reward(episode: Episode, abort_reward: float) -> float:
    """Reward 1 for a success, 0 for a loss, an aborted episode by `abort_reward`."""
    if episode.outcome == Outcome.ABORTED:
        return abort_reward
    return float(episode.outcome == Outcome.SUCCESS)
