"""Teach the start policy the mini-tasks."""

import argparse

from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.study import Compute
from pipeline.params.sections.warmup import Warmup
from stages.common.cli import run
from stages.common.keys import derive_scratch_key
from stages.training.recipe import Run
from stages.training.supervised import train
from stages.warmup.tasks import make_mini_tasks


class WarmupParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    compute: Compute
    warmup: Warmup


def main() -> None:
    """Fill the templates and train on them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", required=True)
    args = parser.parse_args()
    params = load_part(WarmupParams)
    settings = params.warmup
    policy = f"warmup/{args.variant}"
    key = derive_scratch_key("warmup", vars(args))
    job = Run(policy, settings.start, settings, params.compute, params.seed, key)
    train(job, make_mini_tasks(settings.tasks_per_template, params.seed))


if __name__ == "__main__":
    run(main)
