"""Whether a game notes and scores what clembench did in its recorded episodes."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from games.adventuregame.clembench import loosen
from games.bridge import Record
from games.clembench.recordings import list_instances, read
from games.clembench.replay import replay
from games.contract import GameMaster
from games.registry import GAMES
from games.session import Session
from tests.games.oracle import ORACLE
from tests.games.playing import list_keys, score_turns, take_notes


def assert_noted(game: str) -> None:
    """Assert the recorded notes, turn scores and keys of every recorded episode."""
    for record, master in _replayed(game):
        told = _unordered if game == "adventuregame" else lambda content: content
        rounds = [
            [[kind, told(content)] for _, _, kind, content in events]
            for events in record["gm_events"]
        ]
        ours = [
            [[kind, told(content)] for kind, content in notes]
            for notes in _notes_by_round(master, len(rounds))
        ]
        _assert_same(record["id"], ours, rounds)
        if record["turn_scores"] is not None:
            _assert_same(record["id"], score_turns(master), record["turn_scores"])
        _assert_same(record["id"], list_keys(master), record["extra_keys"])


def _replayed(game: str) -> Iterator[tuple[Record, GameMaster]]:
    """Yield each recorded episode and the master that judged it anew."""
    path = ORACLE / f"{game}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no recorded episodes of {game} beside the repository ({path})")
    records = read(path)
    for record, possible in zip(records, list_instances(records), strict=True):
        agreed = [one for one in possible[1:] if not replay(record, one).wrong]
        instance = [*agreed, possible[0]][0]
        session = Session(GAMES[game], instance, dict.fromkeys(GAMES[game].spec.roles))
        for response in record["responses"]:
            if response["kind"] == "model":
                session.reply(response["text"])
        yield record, session.master


def _notes_by_round(master: GameMaster, num: int) -> list[list[list]]:
    notes = take_notes(master)
    assert all(note.round < num for note in notes), "a note after the last round"
    return [
        [[note.kind, note.content] for note in notes if note.round == number]
        for number in range(num)
    ]


def _unordered(told: Any) -> Any:
    """Return a content so that neither its words nor its lists have an order."""
    if isinstance(told, dict):
        return {key: _unordered(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return sorted(map(_unordered, told), key=json.dumps)
    return loosen(told) if isinstance(told, str) else told


def _assert_same(where: str, ours: object, theirs: object) -> None:
    """Assert equality as JSON: of types too, numbers to nine digits, null being NaN."""
    if isinstance(theirs, dict):
        assert isinstance(ours, dict), f"{where}: {ours!r} for {theirs!r}"
        assert sorted(ours) == sorted(theirs), f"{where}: {ours} for {theirs}"
        for key in theirs:
            _assert_same(f"{where} {key}", ours[key], theirs[key])
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), f"{where}: {ours} for {theirs}"
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            _assert_same(f"{where} {number}", one, other)
    elif theirs is None:
        assert math.isnan(ours), f"{where}: {ours!r} for NaN"
    elif isinstance(theirs, float) or type(ours) is float:
        assert math.isclose(ours, theirs, abs_tol=1e-9), f"{where}: {ours} for {theirs}"
    else:
        assert json.dumps(ours) == json.dumps(theirs), f"{where}: {ours!r}, {theirs!r}"
