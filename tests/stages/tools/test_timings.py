"""The table of times lists the whole and every job, slowest first."""

import os
from pathlib import Path

import pytest

from games.errors import ArtifactError
from stages.tools.timings import collect


def test_every_job_is_listed_slowest_first(tmp_path: Path) -> None:
    """A job is named by its place in timings/; side by side, they take less time."""
    for name, seconds, end in (("base", 2, 1002), ("sft/sft/0", 30, 1031)):
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\tcpu_time\tmax_rss\n{seconds}\t1\t100\n")
        os.utime(path, (end, end))
    table = collect(tmp_path)
    assert list(table["job"]) == ["whole", "sft/sft/0", "base"]
    assert list(table["seconds"]) == [31, 30, 2]
    assert list(table["cpu_seconds"]) == [2, 1, 1]


def test_without_times_one_sentence_says_what_to_run(tmp_path: Path) -> None:
    """A clone has no timings/."""
    with pytest.raises(ArtifactError, match="holds no times: run `snakemake`"):
        collect(tmp_path / "timings")
