"""Recorded episodes of the original benchmark, and their replay through our rules.

The recordings lie beside the repository in ../shared/oracle and are not part of it:
tests that need them are skipped, with a sentence, where they are absent.

    for record in episodes("taboo"):
        replay(GAME, Instance("taboo", variant, record["id"], data), record)
"""

import gzip
import json
import math
from pathlib import Path
from typing import Any

import pytest

from games.contract import Game, Instance, Outcome
from games.session import Episode, Session

ORACLE = Path(__file__).resolve().parents[3] / "shared" / "oracle"
FLAGS = ("success", "lose", "aborted")


def episodes(game: str) -> list[dict[str, Any]]:
    """Return a game's recordings, each with its experiment's "experiment_params".

    Skips the calling test where there are no recordings.
    """
    path = ORACLE / f"{game}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no recorded episodes of {game} beside the repository ({path})")
    params = json.loads((ORACLE / "experiments" / f"{game}.json").read_text())
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    for record in records:
        record["experiment_params"] = params[record["experiment_hash"]]
    return records


def replay(game: Game, instance: Instance, record: dict[str, Any]) -> Episode:
    """Feed a recording's replies to our game master; assert it agrees to the letter.

    Checked: who moves when, every context, that the episode ends with the last reply
    and not before, its outcome and its main score.
    """
    session = Session(game, instance, {role: "recorded" for role in game.spec.roles})
    for response in record["responses"]:
        if response["kind"] != "model":
            continue
        role = game.spec.roles[int(response["player"].removeprefix("Player ")) - 1]
        assert session.role == role, (record["id"], session.role, response)
        context = session.messages()[-1]["content"]
        assert context == response["context"], (record["id"], context)
        session.reply(response["text"])
    assert session.role is None, f"{record['id']} did not end where it was recorded to"
    episode = session.episode()
    assert episode.outcome == recorded_outcome(record), record["id"]
    assert same_score(episode.main_score, record["main_score"]), record["id"]
    return episode


def recorded_outcome(record: dict[str, Any]) -> Outcome:
    """Return how a recorded episode ended."""
    (flag,) = (flag for flag in FLAGS if record["outcome"][flag])
    return Outcome(flag)


def same_score(ours: float, recorded: float | None) -> bool:
    """Whether two scores are equal; a recorded null is NaN."""
    if recorded is None:
        return math.isnan(ours)
    return math.isclose(ours, recorded, abs_tol=1e-9)
