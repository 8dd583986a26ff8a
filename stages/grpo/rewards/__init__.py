"""What GRPO learns from: one file a reward, which params.yaml names without ".py".

A file has a function `reward(episode, abort_reward)`, which returns what a finished
episode is worth to whoever learns from it. To add one, write the file and set `reward`
of a variant of `grpo` to its name; nothing else has to be edited.
"""

import importlib
from collections.abc import Callable

from games.session import Episode

Reward = Callable[[Episode, float], float]
"""(episode, abort_reward) -> its reward."""


def load_reward(name: str) -> Reward:
    """Load the reward of a name, which params.yaml has been checked to have."""
    module = importlib.import_module(f"{__name__}.{name}")
    reward: Reward = module.reward
    return reward
