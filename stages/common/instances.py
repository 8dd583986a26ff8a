"""Instances on disk: one Parquet table a split, so that one changes without the others.

The games that are trained on have the splits train, validation and test; the games that
are held out have one of their own, held_out.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from games.contract import Instance
from games.errors import ArtifactError, InstanceError
from stages.common.files import DATA, explain_missing, make_whole_file

SPLITS = ("train", "validation", "test", "held_out")
_COLUMNS = ["game", "variant", "instance_id", "data"]


def locate_instances(split: str) -> Path:
    """Name the file of a split."""
    return DATA / "instances" / f"{split}.parquet"


def write_instances(path: Path, instances: Iterable[Instance]) -> None:
    """Write instances in the order given, whole or not at all."""
    table = pd.DataFrame(
        [(i.game, i.variant, i.instance_id, json.dumps(i.data)) for i in instances],
        columns=_COLUMNS,
    )
    with make_whole_file(path) as temporary:
        table.to_parquet(temporary, index=False)


def read_instances(path: Path, *, games: Sequence[str]) -> list[Instance]:
    """Read the instances of some games, or of all if none is named, in file order.

    Raises:
        ArtifactError: the file is missing or damaged.
        InstanceError: it lacks a column, holds no instance of a game, or one that is
            not JSON.
    """
    try:
        table = pd.read_parquet(path)
    except FileNotFoundError as error:
        raise explain_missing(path) from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path} is damaged: delete it and run again") from error
    absent = [column for column in _COLUMNS if column not in table]
    if absent:
        raise InstanceError(f"{path} has no column '{absent[0]}': run `dvc repro`")
    for game in games:
        if game not in set(table["game"]):
            raise InstanceError(
                f"{path} holds no instance of {game}: run `dvc repro instances`"
            )
    rows = table[table["game"].isin(games or table["game"])].itertuples()
    return [_make_instance(row, path) for row in rows]


def read_unseen(held_in: Sequence[str], held_out: Sequence[str]) -> list[Instance]:
    """Read what players are evaluated on: test instances, and those of unseen games.

    Raises:
        ArtifactError, InstanceError: as `read_instances`.
    """
    instances = read_instances(locate_instances("test"), games=held_in)
    if held_out:
        instances += read_instances(locate_instances("held_out"), games=held_out)
    return instances


def _make_instance(row: Any, path: Path) -> Instance:
    try:
        data = json.loads(row.data)
    except (TypeError, ValueError) as error:
        raise InstanceError(
            f"{path}: the data of {row.game}/{row.instance_id} is not JSON ({error}): "
            "run `dvc repro instances`"
        ) from error
    names = row.game, row.variant, row.instance_id
    if not isinstance(data, dict) or not all(isinstance(one, str) for one in names):
        raise InstanceError(
            f"{path}: {row.game}/{row.instance_id} has no names, or its data is no "
            "object: run `dvc repro instances`"
        )
    return Instance(row.game, row.variant, row.instance_id, data)
