"""referencegame in clembench's words."""

from dataclasses import replace

from games.bridge import Data
from games.contract import LEGACY
from games.referencegame.rules import ANSWERS


def merge(experiment: Data, instance: Data) -> Data:
    """Merge the fields, but those of prompts before v1.6.

    They ask for another format than today's rules; the game's own are used instead.
    """
    label = instance["target_grid_name"]
    if not isinstance(label, str):
        return experiment | instance
    kept = {k: v for k, v in instance.items() if not k.endswith("_prompt_header")}
    number = ANSWERS.index(label) + 1
    return experiment | kept | {"target_grid_name": [label, str(number)]}


BRIDGE = replace(LEGACY, merge=merge)
