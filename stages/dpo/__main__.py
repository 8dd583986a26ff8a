"""Optimise the start policy on the preference pairs of the variant's level."""

import argparse

from games.errors import StudyError
from pipeline.params.part import load_part
from pipeline.params.schema import Section
from pipeline.params.sections.dpo import Dpo
from pipeline.params.sections.study import Compute
from stages.common.cli import run
from stages.common.examples import PAIR, PREFERENCES, read_examples
from stages.common.keys import derive_scratch_key
from stages.dpo.train import train
from stages.training.recipe import Run


class DpoParams(Section):
    """What this stage reads of params.yaml."""

    compute: Compute
    dpo: Dpo


def main() -> None:
    """Read the pairs of the variant's level and train on them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", required=True, help="folder under data/")
    parser.add_argument("--variant", required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    params = load_part(DpoParams)
    settings = params.dpo.variant(args.variant)
    level = settings.level
    pairs = [
        pair for pair in read_examples(PREFERENCES, PAIR) if pair["level"] == level
    ]
    if not pairs:
        raise StudyError(
            f"{PREFERENCES} holds no {level}-level pair: raise the samples of "
            "selfplay.pairings, or leave the variant out"
        )
    policy = f"dpo/{args.variant}/{args.seed}"
    key = derive_scratch_key("dpo", vars(args))
    job = Run(policy, args.start, settings, params.compute, args.seed, key)
    train(job, settings, pairs)


if __name__ == "__main__":
    run(main)
