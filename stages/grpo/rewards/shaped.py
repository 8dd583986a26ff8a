"""The main score, with a price of aborting that falls turn by turn.

Where nearly all rollouts abort, all get the same reward and nothing is learned. Here
who keeps the format for longer loses less, so that groups differ before anybody wins.
"""

from games.contract import Kind, Outcome
from games.registry import GAMES
from games.session import Episode


def reward(episode: Episode, abort_reward: float) -> float:
    """Reward main score / 100; of `abort_reward` the share of turns that was missed.

    The share is 1 if the first reply already ended the episode.
    """
    if episode.outcome != Outcome.ABORTED:
        return episode.main_score / 100
    played = sum(turn.kind != Kind.GIVEN for turn in episode.turns) - 1
    return abort_reward * (1 - played / GAMES[episode.game].spec.max_turns)
