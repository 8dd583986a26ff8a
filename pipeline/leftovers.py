"""Remove the results of policies that params.yaml no longer names.

How to run: `python -m pipeline.leftovers` (dvc.yaml does, before the report).

The report reads the folders data/play, data/benchmarks and data/curves as a whole,
because dvc.yaml cannot list one dependency a policy. Results that are left over from
earlier `policies` or `variants` would count as read, and a clone, which lacks them,
would call the report outdated. Nothing is lost: DVC's cache has them, and brings them
back when asked for.
"""

import shutil
import sys
from pathlib import Path

from games.errors import ParamsError
from pipeline.params.policies import list_evaluated, list_sources
from pipeline.params.read import load_params
from pipeline.params.sections.whole import Params


def remove_leftovers(params: Params, data: Path = Path("data")) -> None:
    """Delete what other policies played or scored, and curves of other trainings.

    The folder of curves is there afterwards, even if nothing is trained.
    """
    curves = data / "curves"
    curves.mkdir(parents=True, exist_ok=True)
    trained = {curves / f"{policy_id}.csv" for policy_id in list_sources(params)}
    for path in sorted(curves.rglob("*.csv")):
        if path not in trained:
            path.unlink()
    evaluated = list_evaluated(params)
    kept = {data / "benchmarks" / policy_id for policy_id in evaluated}
    for lineup in params.play.variants:
        kept |= {data / "play" / lineup / policy_id for policy_id in evaluated}
    for stage in ("play", "benchmarks"):
        for scores in sorted((data / stage).rglob("scores.json")):
            if scores.parent not in kept:
                shutil.rmtree(scores.parent)


if __name__ == "__main__":
    try:
        remove_leftovers(load_params())
    except ParamsError as error:
        sys.exit(f"error: {error}")
