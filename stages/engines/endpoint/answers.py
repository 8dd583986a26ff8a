"""What an endpoint has answered and what it has cost, in one file that only grows.

Each line is a record: an answer under its request's key, money, or both. Before a
request is sent, the most that it can cost is written down; what it did cost corrects
this. So whoever is killed in between has counted too much, never too little. A line
that a kill or a full disk has torn is passed over: a record starts with its line break.
Several processes may share a file: each reads what the others wrote, under a lock.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from games.errors import ArtifactError


class Answer(BaseModel):
    """One answer of an endpoint."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)

    text: str
    prompt: int
    """Tokens of the request, as the endpoint counts them; 0 if it does not."""
    cached: int
    """Those of them that it need not have computed."""
    sampled: int
    """Tokens of the reply."""


class _Record(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid")

    key: str = ""
    answer: Answer | None = None
    spent: float = 0.0
    """Added to what was spent; negative where less was needed than set aside."""


class Answers:
    """The answers of one endpoint so far; for many threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            ArtifactError: it cannot be read or written.
        """
        self._path, self._read = path, 0
        self._answers: dict[str, Answer] = {}
        self.spent = 0.0
        """By all runs so far, what is set aside included."""
        self._open = 0  # requests that money is set aside for, of this process
        self._changed = threading.Condition()
        with self._lock():
            pass

    def find(self, key: str) -> Answer | None:
        """Look up the answer to a request; None if there is none."""
        return self._answers.get(key)

    def reserve(self, most: float, limit: float | None) -> bool:
        """Set the most aside that a request can cost; False if the limit is too low.

        Where only money set aside for others is in the way, waits for their answers.

        Raises:
            ArtifactError: the file cannot be written.
        """
        with self._changed:
            while not self._set_aside(most, limit):
                if not self._open:
                    return False
                self._changed.wait()
            self._open += 1
            return True

    def _set_aside(self, most: float, limit: float | None) -> bool:
        with self._lock() as file:
            if limit is not None and self.spent + most > limit:
                return False
            if most:
                _append(file, _Record(spent=most))
            return True

    def settle(self, most: float, cost: float) -> None:
        """Correct what was set aside for a request that got no answer."""
        self._settle(_Record(spent=cost - most))

    def keep(self, key: str, answer: Answer, most: float, cost: float) -> Answer:
        """Keep an answer, and correct what was set aside for it.

        Returns the answer that counts: the first one, if another process has asked too.
        """
        self._settle(_Record(key=key, answer=answer, spent=cost - most))
        return self._answers.setdefault(key, answer)

    def _settle(self, record: _Record) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify_all()
            if record.answer or record.spent:
                with self._lock() as file:
                    _append(file, record)

    # --- the file ---------------------------------------------------------------
    @contextmanager
    def _lock(self) -> Iterator[FileIO]:
        """Keep other processes out, and know all that they wrote."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab+", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # until it is closed
                self._read_new(file)
                yield file
                self._read_new(file)
        except OSError as error:
            raise ArtifactError(
                f"{self._path} cannot be read or written ({error.strerror or error}): "
                "free some disk space or mend the permissions, and run again"
            ) from error

    def _read_new(self, file: FileIO) -> None:
        file.seek(self._read)
        new = file.readall()
        self._read += len(new)
        for line in new.split(b"\n"):
            try:
                record = _Record.model_validate_json(line)
            except ValidationError:
                continue  # torn
            self.spent += record.spent
            if record.answer is not None:
                self._answers.setdefault(record.key, record.answer)


def _append(file: FileIO, record: _Record) -> None:
    line = b"\n" + record.model_dump_json(exclude_defaults=True).encode()
    if file.write(line) != len(line):
        raise OSError("the disk is full")
    os.fsync(file.fileno())
