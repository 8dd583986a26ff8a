"""The learning curves of all trainings as one table, so that git holds them."""

import csv
from pathlib import Path

from games.errors import ArtifactError
from stages.common.files import DATA, make_whole_file

FOLDER = DATA / "curves"
FIRST = ("policy", "step", "loss", "reward")
"""The columns that come first; the others follow as the trainers name them."""

Point = dict[str, str]
"""One step of one policy, as text: nothing is rounded anew."""


def write_curves(path: Path) -> None:
    """Write one line for each policy and step, empty where a trainer logs nothing."""
    points = [point for file in sorted(FOLDER.rglob("*.csv")) for point in _read(file)]
    columns = dict.fromkeys([*FIRST, *(name for point in points for name in point)])
    with make_whole_file(path) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(points)


def _read(path: Path) -> list[Point]:
    """Read the curve of one policy, whose id is its place in data/curves."""
    policy_id = path.relative_to(FOLDER).with_suffix("").as_posix()
    try:
        with path.open(newline="") as file:
            points = list(csv.DictReader(file, strict=True))
    except (UnicodeDecodeError, csv.Error):
        points = []
    if not points or any("step" not in p or None in (*p, *p.values()) for p in points):
        raise ArtifactError(f"{path} is damaged: delete it and run again")
    return [{"policy": policy_id, **point} for point in points]
