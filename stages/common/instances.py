"""Instances on disk: one Parquet table for all games and splits."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from games.contract import Instance
from games.errors import ArtifactError, InstanceError
from stages.common.files import DATA, missing, whole_file

INSTANCES = DATA / "instances" / "instances.parquet"
_COLUMNS = ["game", "split", "variant", "instance_id", "data"]


def write_instances(path: Path, rows: Iterable[tuple[str, Instance]]) -> None:
    """Write (split, instance) rows in the order given."""
    table = pd.DataFrame(
        [
            (i.game, split, i.variant, i.instance_id, json.dumps(i.data))
            for split, i in rows
        ],
        columns=_COLUMNS,
    )
    with whole_file(path) as temporary:
        table.to_parquet(temporary, index=False)


def read_instances(
    path: Path, *, games: Sequence[str], split: str | None = None
) -> list[Instance]:
    """Read the instances of some games, of one split or of all, in file order.

    Raises:
        ArtifactError: the file is missing or damaged.
        InstanceError: it lacks a column, holds no instance of a game, or one that is
            not JSON.
    """
    try:
        table = pd.read_parquet(path)
    except FileNotFoundError as error:
        raise missing(path) from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path} is damaged: delete it and run again") from error
    absent = [column for column in _COLUMNS if column not in table]
    if absent:
        raise InstanceError(f"{path} has no column '{absent[0]}': run `dvc repro`")
    if split is not None:
        table = table[table["split"] == split]
    for game in games:
        if game not in set(table["game"]):
            raise InstanceError(
                f"{path} holds no {split or 'single'} instance of {game}: "
                "run `dvc repro instances`"
            )
    rows = table[table["game"].isin(games)].itertuples()
    return [_instance(row, path) for row in rows]


def _instance(row: Any, path: Path) -> Instance:
    try:
        data = json.loads(row.data)
    except (TypeError, ValueError) as error:
        raise InstanceError(
            f"{path}: the data of {row.game}/{row.instance_id} is not JSON ({error}): "
            "run `dvc repro instances`"
        ) from error
    return Instance(row.game, row.variant, row.instance_id, data)
