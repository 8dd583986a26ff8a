"""clean_up in clembench's words: its referee notes nothing."""

from games.bridge import Bridge
from games.clean_up.master import CleanUp


def score_episode(master: CleanUp) -> dict[str, float]:
    """Score the two factors of the main score, each up to 1; NaN when aborted."""
    return {
        "Distance Score": master.distance_score,
        "Penalty Score": master.penalty_score,
    }


BRIDGE = Bridge(score_episode=score_episode)
