"""imagegame in clembench's words."""

from dataclasses import replace

from games.bridge import Data
from games.contract import LEGACY

_PROMPTS = "player_1_prompt_header", "player_2_prompt_header", "player_1_question"


def merge(experiment: Data, instance: Data) -> Data:
    """Merge the fields, but those of prompts before v1.6.

    They ask for "Instruction:" where today's rules have "Command:".
    """
    is_early = "player_1_response_pattern" not in instance
    left_out = _PROMPTS if is_early else ()
    return experiment | {k: v for k, v in instance.items() if k not in left_out}


BRIDGE = replace(LEGACY, merge=merge)
