"""What the last run of every job took: `python -m stages.tools.timings`.

Snakemake times its jobs into timings/; this prints them as one table, slowest first,
and keeps it in docs/timings.csv. First comes the whole: from the first job's start
to the last one's end, which is the time of a run if all jobs belong to one.
"""

import sys
from pathlib import Path

import pandas as pd

from games.errors import ArtifactError

FOLDER, FILE = Path("timings"), Path("docs/timings.csv")
WHOLE = "whole"


def collect(folder: Path) -> pd.DataFrame:
    """Collect job, seconds, CPU seconds and peak MB of the whole and of each job.

    Raises:
        ArtifactError: no job has been timed.

    """
    paths = sorted(folder.rglob("*.tsv"))
    if not paths:
        raise ArtifactError(
            f"{folder}/ holds no times: run `snakemake` in this folder first"
        )
    jobs = pd.concat([pd.read_csv(path, sep="\t") for path in paths])
    names = [path.relative_to(folder).with_suffix("").as_posix() for path in paths]
    # Snakemake writes a job's times when it ends
    ends = pd.Series([path.stat().st_mtime for path in paths], jobs.index)
    whole = ends.max() - (ends - jobs["s"]).min()
    total = [WHOLE, whole, jobs["cpu_time"].sum(), jobs["max_rss"].max()]
    table = pd.DataFrame(
        {
            "job": names,
            "seconds": jobs["s"],
            "cpu_seconds": jobs["cpu_time"],
            "peak_mb": jobs["max_rss"],
        }
    ).sort_values("seconds", ascending=False)
    table = pd.concat([pd.DataFrame([total], columns=table.columns), table])
    return table.round().astype({name: int for name in table.columns[1:]})


def main() -> None:
    """Print the table and keep it."""
    table = collect(FOLDER)
    table.to_csv(FILE, index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    try:
        main()
    except ArtifactError as error:
        sys.exit(f"error: {error}")
