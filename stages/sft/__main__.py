"""Fine-tune the start policy on the demonstrations."""

import argparse

from games.errors import StudyError
from pipeline.params.part import load_part
from pipeline.params.schema import Section
from pipeline.params.sections.sft import Sft
from pipeline.params.sections.study import Compute, Games
from stages.common.cli import run
from stages.common.examples import DEMONSTRATION, DEMONSTRATIONS, read_examples
from stages.common.keys import derive_scratch_key
from stages.training.recipe import Run
from stages.training.supervised import train


class SftParams(Section):
    """What this stage reads of params.yaml."""

    compute: Compute
    games: Games
    sft: Sft


def main() -> None:
    """Read the demonstrations of the variant's games and train on them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", required=True, help="folder under data/")
    parser.add_argument("--variant", required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    params = load_part(SftParams)
    settings = params.sft.variant(args.variant)
    games = settings.games or params.games.held_in
    every = read_examples(DEMONSTRATIONS, DEMONSTRATION)
    rows = [row for row in every if row["game"] in games]
    if not rows:
        raise StudyError(
            f"{DEMONSTRATIONS} has no demonstration of {', '.join(games)}: name other "
            "games in params.yaml, or make the self-play players more skilled"
        )
    policy = f"sft/{args.variant}/{args.seed}"
    key = derive_scratch_key("sft", vars(args))
    job = Run(policy, args.start, settings, params.compute, args.seed, key)
    train(job, [row["messages"] for row in rows], settings.max_length)


if __name__ == "__main__":
    run(main)
