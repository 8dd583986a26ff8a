"""Recorded clembench episodes, and the instances that they were played on.

What a recording's experiment does not say is taken from the recordings themselves, and
what depended on the original's own choice is left open: see a game's `Bridge.suppose`.
"""

import functools
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from games.bridge import Record
from games.contract import Instance
from games.errors import ArtifactError, StudyError
from games.registry import GAMES

FLAGS = ("success", "lose", "aborted")
"""The outcomes, as a recording names them."""
_ODD = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading something raises that is laid out in another way."""


class _Shape(BaseModel):
    """Of what a file holds; what else there is counts for nothing."""

    model_config = ConfigDict(strict=True, extra="ignore")


class _Response(_Shape):
    """One reply of a player."""

    player: str
    kind: str
    context: str | None
    text: str


class _Recording(_Shape):
    """One recorded episode."""

    id: str
    game: str
    experiment: str
    experiment_hash: str
    instance: dict[str, Any]
    responses: list[_Response]
    outcome: dict[str, Any] | None
    main_score: int | float | None
    episode_scores: dict[str, Any] | None
    turn_scores: dict[str, dict[str, Any]] | None = None
    gm_events: list[list[list[Any]]] | None = None
    extra_keys: dict[str, Any] | None = None


def read(path: Path) -> list[Record]:
    """Read recorded episodes, each with its experiment's parameters.

    Raises:
        ArtifactError: the file or the parameters beside it are missing or damaged.
    """
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines if line.strip()]
        for record in records:
            _refuse_odd(record)
            params = _read_experiments(path.parent / "experiments", record["game"])
            record["experiment_params"] = params[record["experiment_hash"]]
    except (OSError, EOFError, RecursionError, *_ODD) as error:
        raise ArtifactError(
            f"{path} cannot be replayed ({_explain(error)}): it takes one recorded "
            "episode a line, such as docs/recording/taboo.jsonl, and its experiments "
            "in experiments/ beside it"
        ) from error
    return records


def _explain(error: Exception) -> str:
    """Say what is wrong with a file, pydantic's first complaint if it is one of its."""
    if not isinstance(error, ValidationError):
        return repr(error)
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _refuse_odd(record: Any) -> None:
    """Refuse what is no recording.

    Raises:
        ValueError, TypeError: with what is odd.
    """
    if isinstance(record, dict) and record.get("game", "") not in (*GAMES, ""):
        return  # none of ours: it is counted, and not replayed
    found = _Recording.model_validate(record)
    json.dumps(record, ensure_ascii=False).encode()  # no halves of characters
    roles = len(GAMES[found.game].spec.roles)
    for one in found.responses:
        number = one.player.removeprefix("Player ")
        if one.kind == "model" and number not in map(str, range(1, roles + 1)):
            raise ValueError(f"{found.game} has no {one.player!r}")
    if any(len(event) != 4 for events in found.gm_events or () for event in events):
        raise ValueError("an event is from somebody, to somebody, and has two parts")
    flags = [found.outcome[flag] for flag in FLAGS] if found.outcome else [True]
    if sum(map(bool, flags)) != 1:
        raise ValueError("an outcome is success, lose or aborted")


@functools.cache
def _read_experiments(folder: Path, game: str) -> dict[str, Record]:
    """Read the parameters of a game's experiments, word lists filled in."""
    lists = folder / "wordlists.json"
    words = json.loads(lists.read_text()) if lists.exists() else {}

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(inner) for key, inner in value.items()}
        name = str(value).removeprefix("@wordlist:")
        return words[name] if name != value and isinstance(value, str) else value

    return fill(json.loads((folder / f"{game}.json").read_text(encoding="utf-8")))


def list_instances(records: Sequence[Record]) -> list[list[Instance]]:
    """List for each of a file's recordings what it may have been played on.

    That is one instance, but where the original's own choice was not recorded.

    Raises:
        ArtifactError: a recording does not say.
    """
    found = []
    for record in records:
        try:
            found.append(_suppose_instances(record, records))
        except StudyError:
            raise
        except _ODD as error:
            raise ArtifactError(
                f"the recording {record['id']} of {record['game']} does not say what "
                f"it was played on ({error!r}): mend it, or take it out"
            ) from error
    return found


def _suppose_instances(record: Record, records: Sequence[Record]) -> list[Instance]:
    game, bridge = record["game"], GAMES[record["game"]].bridge
    beside = [other for other in records if other["game"] == game]
    data = bridge.merge(record["experiment_params"], record["instance"])
    return [
        Instance(game, record["experiment"], record["id"], supposed)
        for supposed in bridge.suppose(record, data, beside)
    ]
