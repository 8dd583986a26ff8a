"""What recordings of clembench's codenames show of the instances they were played on.

An experiment does not say the prompts, and an instance not the opponent's moves.
"""

import re
from collections.abc import Sequence

from games.bridge import Data, Record
from games.codenames.board import KINDS
from games.codenames.master import CLUEGIVER, GUESSER

_PLAYERS = {"Player 1": CLUEGIVER, "Player 2": GUESSER}


def suppose(record: Record, data: Data, records: Sequence[Record]) -> list[Data]:
    """Add the prompts, and the words that the opponent revealed."""
    revealed = [
        content["word"]
        for events in record["gm_events"]
        for _, _, kind, content in events
        if kind == "opponent revealed"
    ]
    return [data | find_prompts(records) | {"opponent_reveals": revealed}]


def find_prompts(records: Sequence[Record]) -> dict[str, str]:
    """Take each prompt from the first context of its kind, without its values."""
    found: dict[str, str] = {}
    for record in records:
        for response in record["responses"]:
            role, later = _PLAYERS[response["player"]], response["round"] > 0
            name = f"{role}{'_next' if later else ''}_prompt"
            if name not in found:
                text = response["context"]
                # what was revealed stands before a later prompt
                text = text.partition("\n")[2] if later else text
                found[name] = _empty(text, role)
    return found


def _empty(text: str, role: str) -> str:
    """Take the values out of a recorded prompt."""
    if role == GUESSER:
        head, _, _ = text.rpartition("\n")
        head = re.sub(r"up to \d+ words", "up to $number$ words", head)
        return re.sub(r"the word '[^']*'", "the word '$clue$'", head) + "\n$board$"
    rows = text.split("\n")
    for row, kind in zip(range(-4, 0), KINDS, strict=True):
        rows[row] = re.sub(r" are: .*\.$", f" are: ${kind}$.", rows[row])
    return "\n".join(rows)
