"""Whether the study is right and fast on this GPU: `python -m stages.tools.gpu_check`.

Runs the tests that need a GPU; then what is measured, part by part, each in a process
of its own and under a limit of time: eight minutes at most in all. Prints a table as
it becomes known, and keeps it in docs/gpu-speed.json with the card's name. Parts can be
named: `... gpu_check training GRPO` measures these, and what the file holds of others
stays, if the card and the versions are the same.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Timer
from typing import Any

import torch

from games.errors import ParamsError, StudyError
from stages.common.cli import run
from stages.common.files import write_json
from stages.common.policy import locate_policy
from stages.tools.gpu_check.found import Figure, read_figure

FILE = Path("docs/gpu-speed.json")
_SECONDS = 470
"""Of all parts together."""
_BASE = "base policy"
_HERE = "stages.tools.gpu_check"
_PYTEST = ["pytest", "-m", "gpu", "-n", "0", "-q", "-W", "default", "tests/stages"]


@dataclass(frozen=True)
class Part:
    """One process, which prints rows."""

    name: str
    arguments: list[str]
    """Of Python, after -m."""
    seconds: float
    """No more are given to it."""


def list_parts(folder: Path) -> list[Part]:
    """List all parts in their order; what one leaves for another is in a folder."""
    found = [Part("tests", _PYTEST, 60)]
    if not locate_policy("base").exists():
        found.append(Part(_BASE, ["stages.base"], 60))
    for name in ("small", "large"):
        prompts = str(folder / f"{name}.json")
        for way, seconds in (("engine", 40), ("generate", 50), ("generate_batch", 50)):
            asked = [f"{_HERE}.selfplay", name, way, prompts]
            found.append(Part(f"self-play, {name}, {way}", asked, seconds))
    for name in ("small", "large"):
        asked = [f"{_HERE}.training", name]
        found.append(Part(f"training, {name}", asked, 60))
    found.append(Part("GRPO", [f"{_HERE}.grpo"], 60))
    found.append(Part("study", [f"{_HERE}.study"], 120))
    for name in ("small", "large"):
        asked = [f"{_HERE}.decoding", name]
        found.append(Part(f"engine, {name}", asked, 30))
    return found


def read_lines(arguments: list[str], seconds: float) -> Iterator[str]:
    """Run Python for so many seconds at most; yield each line as it is printed.

    Raises:
        StudyError: it failed, or did not end in time.
    """
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that what it starts ends with it
    ) as process:
        timer = Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        try:
            yield from (line.rstrip() for line in process.stdout or ())
            status = process.wait()
        finally:
            timer.cancel()
            if process.poll() is None:  # this one is being stopped
                os.killpg(process.pid, signal.SIGKILL)
    if status == -signal.SIGKILL:
        raise StudyError(f"not done after {seconds:.0f} s")
    if status:
        raise StudyError(f"it ended with exit status {status}")


def run_part(part: Part, seconds: float) -> Iterator[Figure]:
    """Run a part; yield its rows, and one that says why if it failed."""
    last = ""
    try:
        for line in read_lines(part.arguments, seconds):
            row = read_figure(line)
            if row is not None:
                yield row
            elif line:
                print(line, flush=True)
                last = line
    except StudyError as error:
        group, _, what = part.name.partition(", ")
        why = {"error": str(error), "last": last}
        yield Figure(group, what, "failed", more=why)
    else:
        if part.arguments == _PYTEST:
            yield Figure(part.name, last, "passed")


def check(todo: list[Part], kept: dict[str, Any], seconds: float) -> list[Figure]:
    """Run parts until time is up; print rows and keep them as they come."""
    end, rows = time.monotonic() + seconds, []
    for part in todo:
        left = min(part.seconds, end - time.monotonic())
        if left < 1:
            print(f"{part.name}: no time left", flush=True)
            kept["not_run"].append(part.name)
            continue
        for row in run_part(part, left):
            print(row, flush=True)
            rows.append(row)
            kept["rows"].append(asdict(row))
        write_json(FILE, kept)
    return rows


def list_versions() -> dict[str, str]:
    """List those of Python and of the packages that decide the figures."""
    found = {"python": platform.python_version()}
    for name in ("torch", "triton", "transformers", "peft", "trl", "flash-attn"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def choose_parts(parts: list[Part], names: Sequence[str]) -> list[Part]:
    """Choose the parts that are named, and what they need; all, if none is.

    Raises:
        ParamsError: there is no part of a name.
    """
    groups = {part.name.partition(", ")[0] for part in parts}
    for name in names:
        if name not in groups:
            raise ParamsError(f"there is no part {name!r}: {', '.join(sorted(groups))}")
    wanted = {*(names or groups), _BASE}
    return [part for part in parts if part.name.partition(", ")[0] in wanted]


def keep_others(kept: dict[str, Any], todo: Sequence[Part]) -> dict[str, Any]:
    """Take over what the file holds of parts that are not to be run, if it may stay."""
    old = json.loads(FILE.read_text()) if FILE.exists() else {}
    kept |= {"rows": [], "not_run": []}
    if all(old.get(key) == kept[key] for key in ("card", "versions")):
        groups = {part.name.partition(", ")[0] for part in todo}
        kept["rows"] = [row for row in old["rows"] if row["part"] not in groups]
        kept["not_run"] = [
            name for name in old["not_run"] if name.partition(", ")[0] not in groups
        ]
    return kept


def main() -> None:
    """Check, measure, print and keep.

    Raises:
        ParamsError: there is no GPU here, or no part of a name.
        StudyError: a test failed.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help="those alone, e.g. training GRPO")
    names = parser.parse_args().parts
    if not torch.cuda.is_available():
        raise ParamsError(
            "there is no GPU here that PyTorch can use: run this where there is one"
        )
    kept = {"card": torch.cuda.get_device_name(), "versions": list_versions()}
    print(kept["card"], kept["versions"], flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        todo = choose_parts(list_parts(Path(temporary)), names)
        rows = check(todo, keep_others(kept, todo), _SECONDS)
    if any(row.part == "tests" and row.value == "failed" for row in rows):
        raise StudyError("a test that needs a GPU failed: see above")


if __name__ == "__main__":
    run(main)
