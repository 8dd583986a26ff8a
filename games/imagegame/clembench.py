"""imagegame in clembench's words."""

import math
from collections.abc import Iterator

from games.bridge import Bridge, Data, Wording
from games.events import Ended, Event, Verdict
from games.imagegame.events import BadCommand, BadGrid, Command, Done, Drawing
from games.imagegame.master import DONE, TURN_LIMIT, ImageGameMaster
from games.imagegame.rules import COMMAND, GRID, Similarity
from games.imagegame.rules import DONE as DONE_COMMAND
from games.imagegame.scores import (
    Round,
    average_rounds,
    count_requests,
    name_similarity,
    score_rounds,
)

_PROMPTS = "player_1_prompt_header", "player_2_prompt_header", "player_1_question"


def word(master: ImageGameMaster, event: Event) -> Iterator[Wording]:
    """Say what was found in each reply."""
    match event:
        case Command(text):
            yield "found instruction", text
        case Done(text):
            yield "found terminate pattern", text
        case Drawing(text):
            yield "found grid", text
        case BadCommand():
            yield "invalid format", "Invalid instruction format"
        case BadGrid():
            yield "invalid format", "Invalid grid format"
        case Ended(reason=reason) if reason == TURN_LIMIT:
            yield "game end", "turn limit reached"


def list_rounds(master: ImageGameMaster) -> list[Round]:
    """List every round that ended in a drawing."""
    commands, drawings = master.list_events(Command), master.list_events(Drawing)
    return [
        Round(command.text, drawing.text, drawing.similarity)
        for command, drawing in zip(commands, drawings, strict=False)
    ]


def score_episode(master: ImageGameMaster) -> dict[str, float]:
    """Score how near the last drawing is, average over rounds, and count requests.

    Clembench's requests are events here: what was asked, replied and noted.
    """
    nan = Similarity(*[math.nan] * 3)
    is_aborted = master.is_aborted
    return {
        **name_similarity(nan if is_aborted else master.similarity),
        **average_rounds([] if is_aborted else list_rounds(master)),
        **count_requests(
            len(master.list_events(Verdict)),
            master.rules,
            done=master.reason == DONE,
            limit=master.reason == TURN_LIMIT,
            aborted=is_aborted,
        ),
    }


def score_turns(master: ImageGameMaster) -> dict[str, dict[str, float]]:
    """Score every round that ended in a drawing."""
    return score_rounds(list_rounds(master), master.rules)


def merge(experiment: Data, instance: Data) -> Data:
    """Merge the fields, but those of prompts before v1.6.

    They ask for "Instruction:" where today's rules have "Command:".
    """
    is_early = "player_1_response_pattern" not in instance
    left_out = _PROMPTS if is_early else ()
    return experiment | {k: v for k, v in instance.items() if k not in left_out}


def list_parameters(variant: str, data: Data) -> Data:
    """Name the forms of replies that clembench's scorer compiles."""
    return {
        "player_1_response_pattern": COMMAND.pattern,
        "player_1_terminate_pattern": DONE_COMMAND.pattern,
        "player_2_response_pattern": GRID.pattern,
    }


BRIDGE = Bridge(
    list_parameters=list_parameters,
    word=word,
    score_episode=score_episode,
    score_turns=score_turns,
    merge=merge,
)
