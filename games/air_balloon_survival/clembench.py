"""air_balloon_survival in clembench's words: its referee notes nothing."""

import math

from games.air_balloon_survival.events import Refused
from games.air_balloon_survival.instance import ONE, TWO
from games.air_balloon_survival.master import AirBalloonSurvival
from games.bridge import Bridge
from games.events import Accepted, Verdict


def score_episode(master: AirBalloonSurvival) -> dict[str, float]:
    """Count requests, and score what each player gets; NaN without a deal."""
    replies, accepted = master.list_events(Verdict), master.list_events(Accepted)
    by = [one.role for one in replies if isinstance(one, Refused)]
    has_deal = master.deal is not None
    return {
        "Request Count": float(len(replies)),
        "Parsed Request Count": float(len(accepted)),
        "Violated Request Count": float(len(by)),
        "Violations Player 1": float(by.count(ONE)),
        "Violations Player 2": float(by.count(TWO)),
        "Normalized Utility Player 1": master.measure(ONE) if has_deal else math.nan,
        "Normalized Utility Player 2": master.measure(TWO) if has_deal else math.nan,
    }


BRIDGE = Bridge(score_episode=score_episode, their_name="hot_air_balloon")
