"""How long the two drivers look at a study of many policies, and what a job costs.

    python -m stages.tools.graph_speed [--policies 100 300 1000] [--dvc]

Makes a finished study of each size in a temporary folder, asks it questions, prints CPU
seconds as a table, and keeps them in docs/graph-speed.json. The last column says how
much more a stage takes than in the smallest study: 1.0 is a time that grows as the
graph does. `--dvc` asks the bare `dvc status`, too, which takes many minutes at 1,000
policies; `python -m pipeline.status` gives the same answer.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from ruamel.yaml import YAML

FILE = Path("docs/graph-speed.json")
SIZES = [100, 300, 1000]
SNAKEMAKE = ("snakemake", "-n", "--quiet")
STATUS = ("pipeline.status", "-q")
JOB = ("pipeline.run_stage", "warmup@formats")
RECORD = ("pipeline.run_stage", "packages")


@dataclass
class Cost:
    """What a command took."""

    cpu_seconds: float
    peak_mb: int


def make_study(folder: Path, policies: int) -> int:
    """Make a study in a process of its own, and return its number of stages.

    Linux counts the memory of this process as that of what it starts.
    """
    command = (sys.executable, "-m", "stages.tools.graph_speed.study")
    made = subprocess.run(
        [*command, str(folder), str(policies)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(made.stdout.splitlines()[-1])


def measure(folder: Path, *command: str) -> Cost:
    """Run a Python module with arguments in a study, and return its cost.

    Raises:
        CalledProcessError: it failed.

    """
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env=os.environ | {"PATH": here},
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(
                process.returncode, command, _read(printed)
            )
    return Cost(round(used.ru_utime + used.ru_stime, 1), used.ru_maxrss // 1024)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def measure_study(folder: Path, *, dvc: bool) -> dict[str, Cost]:
    """Ask a finished study what is to do, before and after an edit, and run a job."""
    measure(folder, *STATUS)  # fills DVC's memory of hashes
    costs = {
        "snakemake -n, all done": measure(folder, *SNAKEMAKE),
        "pipeline.status": measure(folder, *STATUS),
        "a job that has nothing to do": measure(folder, *JOB),
    }
    if dvc:
        costs["dvc status"] = measure(folder, "dvc", "status", "-q")
    with (folder / "requirements.lock").open("a") as lock:
        lock.write("\n")
    costs["a job that is recorded"] = measure(folder, *RECORD)
    file = YAML()
    params = file.load(folder / "params.yaml")
    params["benchmarks"]["items"] += 1
    file.dump(params, folder / "params.yaml")
    costs["snakemake -n, a parameter edited"] = measure(folder, *SNAKEMAKE)
    return costs


def print_table(studies: dict[int, dict[str, Cost]], stages: dict[int, int]) -> None:
    """Print what each question took in each study."""
    smallest = min(stages)
    print(
        f"{'':<34}{'policies':>9}{'stages':>8}{'CPU s':>8}{'MB':>7}"
        f"{'ms a stage':>12}{'ratio':>7}"
    )
    for question in studies[smallest]:
        least = studies[smallest][question].cpu_seconds / stages[smallest]
        for size, costs in studies.items():
            each = costs[question].cpu_seconds / stages[size]
            print(
                f"{question:<34}{size:>9,}{stages[size]:>8,}"
                f"{costs[question].cpu_seconds:>8}{costs[question].peak_mb:>7,}"
                f"{1000 * each:>12.1f}{each / least:>7.2f}"
            )


def main() -> None:
    """Make the studies, ask them, print a table and keep it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--policies", nargs="+", type=int, default=SIZES)
    parser.add_argument("--dvc", action="store_true", help="the bare `dvc status`, too")
    arguments = parser.parse_args()
    studies, stages = {}, {}
    for policies in sorted(arguments.policies):
        with tempfile.TemporaryDirectory() as folder:
            study = Path(folder, "study")
            stages[policies] = make_study(study, policies)
            studies[policies] = measure_study(study, dvc=arguments.dvc)
    print_table(studies, stages)
    found = {
        str(size): {"stages": stages[size]} | {q: asdict(c) for q, c in costs.items()}
        for size, costs in studies.items()
    }
    content = {"cores": os.cpu_count(), "policies": found}
    FILE.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
