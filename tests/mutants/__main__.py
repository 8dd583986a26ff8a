"""Plant the mistakes of table.yaml one by one, and print those that no test notices.

    python -m tests.mutants               # all of them, as `make mutants` does
    python -m tests.mutants stages/grpo   # those with this in their file or test

A mistake is a small wrong edit of a file of stages/ or pipeline/, and the test that has
to fail with it. It is planted in a copy of the working tree, never in the tree itself.

The exit code is 1 if a mistake survives or breaks more than a test, if the text that it
replaces does not stand in its file exactly once, or if a test fails without any.
"""

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.mutants.running import Done, Job, run
from tests.mutants.table import Mutant, copy_tree, read_table

ROOT = Path(__file__).parents[2]
HEAVY = (
    "datasets",
    "lm_eval.models.huggingface",
    "lm_eval.tasks",
    "pandas",
    "peft",
    "pyarrow.parquet",
    "trl.trainer.dpo_trainer",
    "trl.trainer.grpo_trainer",
    "trl.trainer.sft_trainer",
)
"""What most tests import, and no mistake can be in: imported once, for all of them."""
AT_ONCE = 2
CAUGHT = pytest.ExitCode.TESTS_FAILED
SHOWN = 2000


def find_survivors(mutants: Sequence[Mutant], root: Path) -> list[str]:
    """Plant every mistake, and print what became of it.

    Returns:
        A line for each that is not caught, or that cannot be planted any more.

    Raises:
        SystemExit: a test fails without any mistake.
    """
    faults = [(one, one.find_fault(root)) for one in mutants]
    stale = [f"STALE {one} ({fault})" for one, fault in faults if fault]
    if stale:
        return stale
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees = [copy_tree(root, Path(folder, f"tree{n}")) for n in range(AT_ONCE)]
        tests = sorted({one.test for one in mutants})
        groups = [tuple(tests[start::AT_ONCE]) for start in range(AT_ONCE)]
        for done in run([Job(group) for group in groups if group], trees):
            if done.code:
                sys.exit(f"{done.printed}\nThese fail without any mistake.")
            print(
                f"{len(done.job.tests)} tests pass ({done.seconds:.0f} s)", flush=True
            )
        return list(_tell(run([Job((one.test,), one) for one in mutants], trees)))


def _tell(ended: Iterator[Done]) -> Iterator[str]:
    """Print a line for each mistake; yield those that were not caught."""
    for done in ended:
        if done.code == CAUGHT:
            print(f"caught {done.job.mutant} ({done.seconds:.0f} s)", flush=True)
            continue
        what = f"BROKEN (exit code {done.code})" if done.code else "SURVIVED"
        print(f"{what} {done.job.mutant}\n{done.printed[-SHOWN:]}", flush=True)
        yield f"{what} {done.job.mutant} ({done.job.mutant.test})"


def main(wanted: Sequence[str]) -> int:
    """Plant the mistakes that are wanted, or all; return the exit code."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    mutants = [
        one
        for one in read_table()
        if not wanted or any(name in f"{one.file} {one.test}" for name in wanted)
    ]
    for name in HEAVY:
        importlib.import_module(name)
    start = time.monotonic()
    survivors = find_survivors(mutants, ROOT)
    minutes = (time.monotonic() - start) / 60
    print(f"{len(mutants)} mistakes in {minutes:.1f} min, not caught: {len(survivors)}")
    print(*survivors, sep="\n")
    return int(bool(survivors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
