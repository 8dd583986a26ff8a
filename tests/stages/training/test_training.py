"""What the trainers share: order of rows, checkpoints."""

import random
from pathlib import Path

import pytest

from games.errors import StudyError
from stages.training.checkpoints import Checkpoints
from stages.training.recipe import leave_out_overlong, order_rows


@pytest.mark.parametrize(
    ("rows", "epochs", "batch"), [(7, 1, 3), (7, 3, 3), (40, 2, 2)]
)
def test_every_epoch_has_every_row_once(rows: int, epochs: int, batch: int) -> None:
    """All rows come `epochs` times, and none comes twice before the others came."""
    order = order_rows(range(rows), epochs, batch, random.Random(0))
    assert sorted(order) == sorted(list(range(rows)) * epochs)
    first = order[: rows - rows % batch]
    assert len(set(first)) == len(first)


def test_batches_hold_rows_of_similar_length() -> None:
    """One pool of rows is cut into batches along the order of lengths."""
    lengths = [random.Random(i).randrange(100) for i in range(16)]
    order = order_rows(lengths, 1, 2, random.Random(0))
    batches = sorted(
        sorted(lengths[i] for i in order[k : k + 2]) for k in range(0, 16, 2)
    )
    assert [length for batch in batches for length in batch] == sorted(lengths)


def test_overlong_rows_are_left_out_and_counted(capsys: pytest.CaptureFixture) -> None:
    """Rows over the limit go, a printed line counts them, and none left is an error."""
    assert leave_out_overlong([{"a": 1}, {"a": 2}], [4, 5], 4) == [{"a": 1}]
    assert capsys.readouterr().out == "1 of 2 rows left out: over 4 tokens\n"
    with pytest.raises(StudyError, match="max_length 3"):
        leave_out_overlong([{"a": 1}], [4], 3)


def test_a_torn_checkpoint_is_deleted_and_not_resumed(project: Path) -> None:
    """The last checkpoint is the last marked one, by number; unmarked ones go."""
    checkpoints = Checkpoints("sft/sft/0", "key")
    assert checkpoints.last() is None
    for step in (5, 10, 15):
        checkpoints.path(step).mkdir(parents=True)
    checkpoints.mark(5)
    checkpoints.mark(10)
    assert checkpoints.last() == (10, checkpoints.path(10))
    assert not checkpoints.path(15).exists()


def test_another_key_has_other_checkpoints(project: Path) -> None:
    """A run never finds the checkpoints of a run that something else decided."""
    assert Checkpoints("a", "one").folder != Checkpoints("a", "other").folder
