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

from games.bridge import Record
from games.contract import Instance
from games.errors import ArtifactError
from games.registry import GAMES


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
            params = _read_experiments(path.parent / "experiments", record["game"])
            record["experiment_params"] = params[record["experiment_hash"]]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{path} cannot be replayed ({error!r}): it takes one recorded episode a "
            "line, and its experiments in experiments/ beside it"
        ) from error
    return records


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
    """
    return [_suppose_instances(record, records) for record in records]


def _suppose_instances(record: Record, records: Sequence[Record]) -> list[Instance]:
    game, bridge = record["game"], GAMES[record["game"]].bridge
    beside = [other for other in records if other["game"] == game]
    data = bridge.merge(record["experiment_params"], record["instance"])
    return [
        Instance(game, record["experiment"], record["id"], supposed)
        for supposed in bridge.suppose(record, data, beside)
    ]
