"""Remove the results of policies that params.yaml no longer names.

How to run: `python -m pipeline.leftovers` (dvc.yaml does, before the report).

The report reads the folders data/play and data/benchmarks as a whole, because dvc.yaml
cannot list one dependency a policy. Results that are left over from an earlier
`policies` would count as read, and a clone, which lacks them, would call the report
outdated. Nothing is lost: DVC's cache has them, and brings them back when asked for.
"""

import shutil
import sys
from pathlib import Path

from games.errors import ParamsError
from pipeline.params import load_params


def remove_leftovers(policies: list[str], data: Path = Path("data")) -> None:
    """Delete what was played or measured by other policies than these."""
    for stage in ("play", "benchmarks"):
        kept = {data / stage / policy for policy in policies}
        for scores in sorted((data / stage).rglob("scores.json")):
            if scores.parent not in kept:
                shutil.rmtree(scores.parent)


if __name__ == "__main__":
    try:
        remove_leftovers(load_params().policies)
    except ParamsError as error:
        sys.exit(f"error: {error}")
