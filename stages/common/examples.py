"""Files of examples, a row each, that one stage writes and another learns from."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from games.errors import ArtifactError
from stages.common.dialogues import Example
from stages.common.files import DATA, explain_missing, make_whole_file

MESSAGES = pa.list_(
    pa.struct(
        [
            ("role", pa.string()),
            ("content", pa.string()),
            ("token_ids", pa.list_(pa.int32())),
            ("learned", pa.bool_()),
        ]
    )
)
"""The column type of a chat, or a part of one: `stages.common.dialogues.Utterance`."""

DEMONSTRATIONS = DATA / "demonstrations" / "rows.parquet"
DEMONSTRATION = pa.schema(
    [
        ("game", pa.string()),
        ("variant", pa.string()),
        ("instance_id", pa.string()),
        ("role", pa.string()),
        ("kind", pa.string()),
        ("player", pa.string()),
        ("num_turns", pa.int32()),
        ("messages", MESSAGES),
    ]
)
PREFERENCES = DATA / "preferences" / "pairs.parquet"
PAIR = pa.schema(
    [
        ("level", pa.string()),
        ("game", pa.string()),
        ("variant", pa.string()),
        ("instance_id", pa.string()),
        ("role", pa.string()),
        ("branch_turn", pa.int32()),
        ("prompt", MESSAGES),
        ("chosen", MESSAGES),
        ("rejected", MESSAGES),
        ("chosen_outcome", pa.string()),
        ("rejected_outcome", pa.string()),
    ]
)


def write_examples(path: Path, rows: Sequence[Example], schema: pa.Schema) -> None:
    """Write rows in the order given, whole or not at all."""
    with make_whole_file(path) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema), temporary)


def read_examples(path: Path, schema: pa.Schema) -> list[Example]:
    """Read every row of a table, in file order.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    try:
        rows = pq.read_table(path, schema=schema).to_pylist()
    except FileNotFoundError as error:
        raise explain_missing(path) from error
    except (OSError, pa.ArrowException) as error:
        raise ArtifactError(f"{path} is damaged: delete it and run again") from error
    chats = [field.name for field in schema if field.type == MESSAGES]
    return [row | {name: _drop_absent(row[name]) for name in chats} for row in rows]


def _drop_absent(read: Sequence[Example]) -> list[Example]:
    """Drop the fields that a message does not have, which Parquet gives as None."""
    return [{k: v for k, v in one.items() if v is not None} for one in read]
