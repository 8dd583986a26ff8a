"""Plant the mistakes of mutants.yaml one by one, and print those that no test notices.

    python tests/mutate.py               # all of them, as `make mutants` does
    python tests/mutate.py stages/grpo   # those whose file or test has this in its name

A mistake is a small wrong edit of a file of stages/ or pipeline/, and the test that has
to fail with it. It is planted in a copy of the working tree, never in the tree itself.
The large packages are imported once: each test runs in a process forked off this one.

The exit code is 1 if a mistake survives or breaks more than a test, if the text that it
replaces does not stand in its file exactly once, or if a test fails without any.
"""

import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
TABLE = Path(__file__).with_name("mutants.yaml")
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
"""What most tests import, and no mistake can be in."""
AT_ONCE = 2
LONGEST = 600
"""Seconds that a test may take."""
FAILED = pytest.ExitCode.TESTS_FAILED


@dataclass(frozen=True)
class Mutant:
    """A mistake, and the test that fails with it."""

    file: str
    wrong: str
    """What is wrong, in words."""
    old: str
    new: str
    test: str

    def find_fault(self, tree: Path) -> str | None:
        """Say why the mistake cannot be planted; None if it can."""
        for path in (self.file, self.test.partition("::")[0]):
            if not (tree / path).exists():
                return f"there is no {path}"
        found = (tree / self.file).read_text().count(self.old)
        if found != 1:
            return f"its text stands there {found} times, not once"
        return None


@dataclass(frozen=True)
class Job:
    """Some tests to run, with a mistake or without."""

    tests: tuple[str, ...]
    mutant: Mutant | None = None


@dataclass(frozen=True)
class Done:
    """How a job went."""

    job: Job
    code: int
    """Of pytest; negative: the signal that ended it."""
    seconds: float
    printed: str


def read_table(path: Path = TABLE) -> list[Mutant]:
    """Read the planted mistakes, in the order of the file."""
    return [Mutant(**entry) for entry in YAML(typ="safe").load(path)]


def copy_tree(root: Path, target: Path) -> Path:
    """Copy what git knows of a working tree, and what it would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.check_output(command, cwd=root, text=True)
    for name in filter(None, listed.split("\0")):
        if (root / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name, follow_symlinks=False)
    return target


def run(jobs: Iterable[Job], trees: Sequence[Path]) -> Iterator[Done]:
    """Run each job in a copy of the tree that is free; yield it when it has ended."""
    coming, free, running = iter(jobs), list(trees), dict[int, "_Running"]()
    try:
        while True:
            while free and (job := next(coming, None)) is not None:
                one = _Running(job, free.pop())
                running[one.process] = one
            if not running:
                return
            process, status = os.wait()
            one = running.pop(process)
            free.append(one.tree)
            yield one.finish(os.waitstatus_to_exitcode(status))
    finally:
        for one in running.values():
            one.stop()


class _Running:
    """A job in a process of its own."""

    def __init__(self, job: Job, tree: Path) -> None:
        self.job, self.tree = job, tree
        self._start, self._log = time.monotonic(), tree.with_suffix(".log")
        self._before = None
        if job.mutant is not None:
            file = tree / job.mutant.file
            self._before = file.read_text()
            file.write_text(self._before.replace(job.mutant.old, job.mutant.new))
        self.process = os.fork()
        if not self.process:
            self._become_pytest()

    def _become_pytest(self) -> None:
        """Run the tests on the copy; never come back."""
        code = 70
        try:
            os.setpgid(0, 0)
            signal.alarm(LONGEST)
            log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.chdir(self.tree)
            sys.path[0] = str(self.tree)
            sys.dont_write_bytecode = True  # an edit of the same second would not count
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
            options = ["-qx", "--tb=short", "--assert=plain", "-pno:cacheprovider"]
            code = int(pytest.main([*options, *self.job.tests]))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)

    def finish(self, code: int) -> Done:
        """Take the mistake out again."""
        self.stop()
        seconds = time.monotonic() - self._start
        return Done(self.job, code, seconds, self._log.read_text(errors="replace"))

    def stop(self) -> None:
        """End what the tests may have left running, and restore the copy."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process, signal.SIGKILL)
        if self.job.mutant is not None:
            (self.tree / self.job.mutant.file).write_text(self._before)


def find_survivors(mutants: Sequence[Mutant], root: Path) -> list[str]:
    """Plant every mistake; return a line for each that is not caught, or stale.

    Raises:
        SystemExit: a test fails without any mistake.
    """
    stale = [(one, one.find_fault(root)) for one in mutants]
    problems = [f"STALE {_name(one)}: {fault}" for one, fault in stale if fault]
    if problems:
        return problems
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trees = [copy_tree(root, Path(folder, f"tree{n}")) for n in range(AT_ONCE)]
        tests = sorted({one.test for one in mutants})
        groups = (tuple(tests[start::AT_ONCE]) for start in range(AT_ONCE))
        for done in run([Job(group) for group in groups if group], trees):
            if done.code:
                sys.exit(f"{done.printed}\nthese fail without any mistake")
            print(f"{len(done.job.tests)} tests pass ({done.seconds:.0f} s)")
        for done in run([Job((one.test,), one) for one in mutants], trees):
            caught = done.code == FAILED
            said = "caught" if caught else "SURVIVED"
            if not caught and done.code:
                said = f"BROKEN (exit code {done.code})"
            line = f"{said} {_name(done.job.mutant)}"
            print(f"{line} ({done.seconds:.0f} s)", flush=True)
            if not caught:
                problems.append(line)
                print(done.printed[-2000:] if done.code else done.job.mutant.test)
    return problems


def _name(mutant: Mutant) -> str:
    return f"{mutant.file}: {mutant.wrong}"


def main(wanted: Sequence[str]) -> int:
    """Plant the mistakes that are wanted, or all, and return the exit code."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    mutants = [
        one
        for one in read_table()
        if not wanted or any(name in f"{one.file} {one.test}" for name in wanted)
    ]
    for name in HEAVY:
        importlib.import_module(name)
    start = time.monotonic()
    problems = find_survivors(mutants, ROOT)
    minutes = (time.monotonic() - start) / 60
    print(f"\n{len(mutants)} mistakes, {len(problems)} not caught, {minutes:.1f} min")
    print(*problems, sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
