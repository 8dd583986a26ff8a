"""The main score of clembench as a share, 0..1: what evaluation counts."""

from games.contract import Outcome
from games.session import Episode


def reward(episode: Episode, abort_reward: float) -> float:
    """Reward main score / 100; an aborted episode by `abort_reward`."""
    if episode.outcome == Outcome.ABORTED:
        return abort_reward
    return episode.main_score / 100
