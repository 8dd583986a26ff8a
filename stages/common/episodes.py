"""Episodes on disk: one Parquet row an episode, its turns nested, ids and all."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from games.errors import ArtifactError
from games.session import Episode, Turn
from stages.common.files import explain_missing, make_whole_file

_TURN = pa.struct(
    [
        ("role", pa.string()),
        ("context", pa.string()),
        ("reply", pa.string()),
        ("token_ids", pa.list_(pa.int32())),
        ("logprobs", pa.list_(pa.float32())),
        ("kind", pa.string()),
    ]
)
SCHEMA = pa.schema(
    [
        ("game", pa.string()),
        ("variant", pa.string()),
        ("instance_id", pa.string()),
        ("players", pa.map_(pa.string(), pa.string())),
        ("sample", pa.int32()),
        ("seed", pa.int64()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("ended_by", pa.string()),
        ("main_score", pa.float64()),
        ("turns", pa.list_(_TURN)),
        ("branch", pa.int32()),
    ]
)


def write_episodes(path: Path, episodes: Sequence[Episode]) -> None:
    """Write episodes in the order given, whole or not at all."""
    rows = [
        dataclasses.asdict(episode) | {"players": list(episode.players.items())}
        for episode in episodes
    ]
    with make_whole_file(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), temporary)


def join_episodes(path: Path, parts: Iterable[Path]) -> None:
    """Write the episodes of some files into one, in that order, whole or not at all.

    They are copied as the columns that they are, one file after another, and never
    become Python objects. Equal parts give a file of equal bytes.

    Raises:
        ArtifactError: a part is missing or damaged, or the file cannot be written.
    """
    with (
        make_whole_file(path) as temporary,
        pq.ParquetWriter(temporary, SCHEMA) as writer,
    ):
        for part in parts:
            writer.write_table(read_columns(part))


def read_columns(path: Path) -> pa.Table:
    """Read every episode of a file as columns, in file order.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    try:
        return pq.read_table(path, schema=SCHEMA)
    except FileNotFoundError as error:
        raise explain_missing(path) from error
    except (OSError, pa.ArrowException) as error:
        raise ArtifactError(f"{path} is damaged: delete it and run again") from error


def read_episodes(path: Path) -> list[Episode]:
    """Read every episode of a file, in file order.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    return [
        Episode(
            **row
            | {
                "players": dict(row["players"]),
                "turns": [Turn(**turn) for turn in row["turns"]],
            }
        )
        for row in read_columns(path).to_pylist()
    ]
