"""What the describer says: three texts with gaps, an instance's own or ours.

Scripted players read the same texts backwards, to learn where they are.
"""

import functools
import re

from games.contract import Instance
from games.kit.prompts import read_prompt

PROMPT, ENTERED, BLOCKED = (
    "Prompt",
    "Player2_positive_answer",
    "Player2_negative_answer",
)
_FILES = {ENTERED: "entered", BLOCKED: "blocked"}
_ROOMS = ("INITIAL_ROOM", "ANOTHER_ROOM", "SAME_ROOM")
_DIRECTIONS = ("INITIAL_DIRECTIONS", "DIRECTIONS")
_GAP = re.compile(r"\$([A-Z_]+)\$")


def find_template(instance: Instance, key: str) -> str:
    """Find the text that the instance brings, or our own."""
    own = read_prompt("textmapworld", f"{_FILES.get(key, instance.game)}.txt")
    return instance.data.get(key) or own


def fill(text: str, room: str, directions: list[str], goal: str = "") -> str:
    """Fill the gaps of a text."""
    fillings = dict.fromkeys(_ROOMS, room) | {"GOAL": goal}
    fillings |= dict.fromkeys(_DIRECTIONS, ", ".join(directions))
    return _GAP.sub(lambda gap: fillings.get(gap[1], gap[0]), text)


def read_gaps(text: str, filled: str) -> tuple[str, list[str], str] | None:
    """Read room, directions and goal from a text's gaps; None if it differs.

    A text without a gap for one of them says nothing of it: "" or [].
    """
    match = _make_pattern(text).fullmatch(filled)
    if match is None:
        return None
    said = match.groupdict()
    room = next((said[gap] for gap in _ROOMS if gap in said), "")
    listed = next((said[gap] for gap in _DIRECTIONS if gap in said), "")
    return room, re.findall(r"\w+", listed), said.get("GOAL", "")


@functools.cache
def _make_pattern(text: str) -> re.Pattern[str]:
    """Make a pattern that matches a text however its gaps are filled."""
    fixed, named = [], set()
    for number, part in enumerate(_GAP.split(text)):
        if number % 2 == 0:
            fixed.append(re.escape(part))
        elif part in named:
            fixed.append(f"(?P={part})")
        else:
            fixed.append(f"(?P<{part}>.*)")
            named.add(part)
    return re.compile("".join(fixed))
