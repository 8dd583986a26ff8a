"""The scalar that GRPO learns from, derived from an episode's outcome and score.

The paper's rewards (its section on GRPO; released code, see docs/paper.md): taboo
1 / turns, the other games their score in 0..1; an abort counts as a plain loss. The
main scores of our games are these numbers times 100, so one line serves every game.
"""

from games.contract import Outcome
from games.session import Episode


def reward(episode: Episode, *, abort_reward: float) -> float:
    """Reward main score / 100 in 0..1, an aborted episode by `abort_reward`."""
    if episode.outcome == Outcome.ABORTED:
        return abort_reward
    return episode.main_score / 100
