"""Tests in processes of their own, each forked off one that has the large packages."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutants.table import Mutant

_LONGEST = 900
"""Seconds that a job may take."""
_LOST = 70
"""The exit code of a process that did not get as far as pytest."""
_OPTIONS = ("-qx", "--tb=short", "--assert=plain", "-pno:cacheprovider")


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


def run(jobs: Iterable[Job], trees: Sequence[Path]) -> Iterator[Done]:
    """Run each job in a copy of the tree that is free; yield it when it has ended."""
    coming, free = iter(jobs), list(trees)
    running: dict[int, _Running] = {}
    try:
        while True:
            while free and (job := next(coming, None)) is not None:
                started = _Running(job, free.pop())
                running[started.process] = started
            if not running:
                return
            process, status = os.wait()
            ended = running.pop(process)
            free.append(ended.tree)
            yield ended.finish(os.waitstatus_to_exitcode(status))
    finally:
        for one in running.values():
            one.stop()


class _Running:
    """A job in a process of its own, its mistake planted in a copy of the tree."""

    def __init__(self, job: Job, tree: Path) -> None:
        self.job, self.tree = job, tree
        self._start, self._log = time.monotonic(), tree.with_suffix(".log")
        if job.mutant is not None:
            file = tree / job.mutant.file
            self._before = file.read_text()
            file.write_text(self._before.replace(job.mutant.old, job.mutant.new))
        sys.stdout.flush()
        self.process = os.fork()
        if not self.process:
            self._become_pytest()

    def _become_pytest(self) -> None:
        """Run the tests on the copy, and never come back."""
        code = _LOST
        try:
            os.setpgid(0, 0)
            signal.alarm(_LONGEST)
            log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.chdir(self.tree)
            sys.path[0] = str(self.tree)
            for name in [n for n in sys.modules if n.partition(".")[0] == "tests"]:
                del sys.modules[name]  # they are of the tree that was copied
            sys.dont_write_bytecode = True  # an edit of the same second would not count
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
            code = int(pytest.main([*_OPTIONS, *self.job.tests]))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)

    def finish(self, code: int) -> Done:
        """Say how the job went, and take its mistake out again."""
        self.stop()
        seconds = time.monotonic() - self._start
        return Done(self.job, code, seconds, self._log.read_text(errors="replace"))

    def stop(self) -> None:
        """End what the tests have left running, and restore the copy."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process, signal.SIGKILL)
        if self.job.mutant is not None:
            (self.tree / self.job.mutant.file).write_text(self._before)
