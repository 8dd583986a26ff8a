"""referencegame in clembench's words.

One departure: `Success` and `Lose` of an aborted episode are what they are in every
game, where clembench logs NaN in this one.
"""

import math
from collections.abc import Iterator

from games.bridge import Bridge, Data, Wording
from games.events import Event, Malformed, Outcome, Verdict
from games.referencegame.events import Answer, Expression
from games.referencegame.master import FOLLOWER, GIVER, ReferenceGameMaster
from games.referencegame.rules import ANSWERS


def word(master: ReferenceGameMaster, event: Event) -> Iterator[Wording]:
    """Say what was parsed."""
    match event:
        case Malformed():
            yield "invalid format", "Invalid generated expression"
        case Expression(text):
            yield "parse", text
        case Answer(label, is_right):
            yield "parse_correct" if is_right else "parse_wrong", label


def score_episode(master: ReferenceGameMaster) -> dict[str, float]:
    """Score who aborted, how long the expression is, and what was parsed."""
    by = master.ended_by if master.is_aborted else None
    requests = _count_requests(master)
    ratio = requests["Parsed Request Count"] / max(requests["Request Count"], 1)
    return {
        "Aborted at Player 1": float(by == GIVER),
        "Aborted at Player 2": float(by == FOLLOWER),
        **_measure(master),
        **requests,
        "Request Success Ratio": round(ratio, 4),
    }


def score_turns(master: ReferenceGameMaster) -> dict[str, dict[str, float]]:
    """Score the only round."""
    found = float(master.outcome is Outcome.SUCCESS)
    return {"0": {**_measure(master), **_count_requests(master), "Success": found}}


def _measure(master: ReferenceGameMaster) -> dict[str, float]:
    """Count the expression's characters and tokens, its tag included; NaN for none."""
    texts = [expression.text for expression in master.list_events(Expression)]
    return {
        "Generated Expression Length": float(len(texts[0])) if texts else math.nan,
        "Generated Expression Number of Tokens": (
            float(len(texts[0].split(" "))) if texts else math.nan
        ),
    }


def _count_requests(master: ReferenceGameMaster) -> dict[str, float]:
    """Count how many replies there were, and whether they were well-formed."""
    replies, violated = len(master.list_events(Verdict)), float(master.is_aborted)
    return {
        "Request Count": float(replies),
        "Parsed Request Count": replies - violated,
        "Violated Request Count": violated,
    }


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


BRIDGE = Bridge(
    word=word, score_episode=score_episode, score_turns=score_turns, merge=merge
)
