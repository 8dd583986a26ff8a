"""What other processes are making right now, as DVC has noted it.

DVC locks what a stage reads and writes while it runs. Snakemake removes the outputs of
a job before DVC, in that job, asks for these locks: so they are looked at before. They
are those of one machine: on a cluster Snakemake's own lock has to do.
"""

import json
from pathlib import Path

import psutil

from games.errors import ArtifactError

NOTED = Path(".dvc/tmp/rwlock")


def refuse_busy(path: Path = NOTED) -> None:
    """Refuse to begin while another process makes or reads the study's files.

    Raises:
        ArtifactError: there is one, or DVC's note of it is damaged or of a process
            that is long over and whose number another one has now.
    """
    for file, pid, command in list_locks(path):
        if not psutil.pid_exists(pid):
            continue  # DVC itself takes such a note away
        if _is_ours(pid):
            raise ArtifactError(
                f"process {pid} is at work on {Path(file).name} "
                f"({command}): wait until it is done, or stop it, and run again"
            )
        raise ArtifactError(
            f"{path} says that process {pid} is at work, but that is another program "
            f"now: delete {path} and run again"
        )


def list_locks(path: Path = NOTED) -> list[tuple[str, int, str]]:
    """List (file, id of a process, its command) of each lock.

    Raises:
        ArtifactError: DVC's note of them is damaged.
    """
    try:
        noted = json.loads(path.read_text())
        locks = list(noted.get("write", {}).items())
        for file, readers in noted.get("read", {}).items():
            locks += [(file, one) for one in readers]
        return [(file, int(one["pid"]), str(one["cmd"])) for file, one in locks]
    except FileNotFoundError:
        return []
    except (ValueError, AttributeError, TypeError, LookupError) as error:
        raise ArtifactError(
            f"{path} is damaged: make sure that no DVC runs, delete it and run again"
        ) from error


def _is_ours(pid: int) -> bool:
    """Tell whether a process is a DVC, or a job of ours that runs one."""
    try:
        words = " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return True  # it cannot be looked at, so that nothing speaks against it
    return "dvc" in words or "run_stage" in words
