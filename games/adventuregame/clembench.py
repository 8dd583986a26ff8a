"""adventuregame in clembench's words, and what a recording leaves open.

What depended on the original's hash seed was not recorded: which of its floors it
means by "the floor", and in which order it lists things.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from games.bridge import Data, Record
from games.contract import LEGACY


def suppose(record: Record, data: Data, records: Sequence[Record]) -> list[Data]:
    """Leave open which floor is meant, if a floor is spoken of."""
    if not any("floor" in response["text"] for response in record["responses"]):
        return [data]
    facts = data["initial_state"]
    floors = [fact for fact in facts if fact.startswith("type(") and "floor" in fact]
    meant = [f"floor({fact[5:].partition(',')[0]})" for fact in floors]
    return [data] + [data | {"initial_state": [*facts, fact]} for fact in meant]


def loosen(told: Any) -> list[str]:
    """Take a text or value apart, so that its words may stand in any order."""
    text = told if isinstance(told, str) else json.dumps(told)
    return sorted(re.findall(r"\w+|[^\w\s]", text))


BRIDGE = replace(LEGACY, suppose=suppose, loosen=loosen)
