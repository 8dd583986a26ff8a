"""The paper's rewards: its section on GRPO, and its released code (docs/paper.md).

Taboo gives 1 / number of guesses; wordle, referencegame and imagegame 1 for success
(imagegame from F1 99 on) and 0 otherwise; privateshared its score in 0..1. Other games,
which the paper does not train on, give 1 for success.
"""

from games.contract import Outcome
from games.session import Episode

GRADED = ("taboo", "privateshared")
"""Games whose main score / 100 is the paper's reward."""
_F1 = 99.0


def reward(episode: Episode, abort_reward: float) -> float:
    """Reward as the paper does, in 0..1; an aborted episode by `abort_reward`."""
    if episode.outcome == Outcome.ABORTED:
        return abort_reward
    if episode.game in GRADED:
        return episode.main_score / 100
    if episode.game == "imagegame":
        return float(episode.main_score >= _F1)
    return float(episode.outcome == Outcome.SUCCESS)
