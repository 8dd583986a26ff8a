"""What the last run of every job took: `python -m pipeline.timings`.

Snakemake times its jobs into timings/; this prints them as one table, slowest first,
and keeps it in docs/timings.csv.
"""

import sys
from pathlib import Path

import pandas as pd

from games.errors import ArtifactError

FOLDER, FILE = Path("timings"), Path("docs/timings.csv")


def collect(folder: Path) -> pd.DataFrame:
    """Return job, seconds, CPU seconds and peak memory (MB) of every job.

    Raises:
        ArtifactError: no job has been timed.

    """
    rows = [
        {
            "job": path.relative_to(folder).with_suffix("").as_posix(),
            "seconds": round(row.s),
            "cpu_seconds": round(row.cpu_time),
            "peak_mb": round(row.max_rss),
        }
        for path in sorted(folder.rglob("*.tsv"))
        for row in pd.read_csv(path, sep="\t").itertuples()
    ]
    if not rows:
        raise ArtifactError(
            f"{folder}/ holds no times: run `snakemake` in this folder first"
        )
    return pd.DataFrame(rows).sort_values("seconds", ascending=False)


def main() -> None:
    """Print the table and its sums, and keep it."""
    table = collect(FOLDER)
    table.to_csv(FILE, index=False)
    print(table.to_string(index=False))
    print(f"{table['seconds'].sum() / 60:.0f} minutes of jobs")


if __name__ == "__main__":
    try:
        main()
    except ArtifactError as error:
        sys.exit(f"error: {error}")
