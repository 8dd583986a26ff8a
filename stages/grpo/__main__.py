"""Train one GRPO policy: `python -m stages.grpo --start S --variant V --seed N`."""

import argparse

from pipeline.params.read import load_params
from stages.common.cli import run
from stages.common.games import confirm_code
from stages.common.instances import instances_file, read_instances
from stages.common.keys import scratch_key
from stages.grpo.partner import make_partner
from stages.grpo.train import train
from stages.training.recipe import Run


def main() -> None:
    """Read the training instances of the variant's games and train on rollouts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", required=True, help="folder under data/")
    parser.add_argument("--variant", required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    params = load_params()
    settings = params.grpo.variant(args.variant)
    confirm_code("held_in", params.games.held_in)
    instances = read_instances(instances_file("train"), games=list(settings.roles))
    policy = f"grpo/{args.start}/{args.variant}/{args.seed}"
    key = scratch_key("grpo", vars(args))
    job = Run(policy, args.start, settings, params.compute, args.seed, key)
    partner = params.grpo.partner
    start = args.start if settings.adapter.enabled else None
    made = make_partner(partner, params.compute, params.endpoints, start=start)
    train(job, instances, made)


if __name__ == "__main__":
    run(main)
