"""Train one GRPO policy: `python -m stages.grpo --start S --variant V --seed N`."""

import argparse
from pathlib import Path

from pipeline.params import load_params
from stages.common.cli import run
from stages.common.fingerprint import fingerprint
from stages.common.games import confirm_code
from stages.common.instances import INSTANCES, read_instances
from stages.common.policy import policy_folder
from stages.grpo.partner import make_partner
from stages.grpo.train import train
from stages.selfplay.collect import READ
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
    confirm_code([*params.games.held_in, *params.games.held_out])
    instances = read_instances(INSTANCES, split="train", games=list(settings.roles))
    policy = f"grpo/{args.start}/{args.variant}/{args.seed}"
    job = Run(policy, args.start, settings, params.compute, args.seed)
    partner = params.grpo.partner
    key = [
        repr(partner),
        repr(params.endpoints[partner.endpoint].decisive) if partner.endpoint else "",
        params.compute.dtype,
        params.compute.engine,
        *map(fingerprint, [policy_folder(partner.policy), *READ, Path("stages/grpo")]),
    ]
    start = args.start if settings.adapter.enabled else None
    made = make_partner(partner, params.compute, params.endpoints, start=start)
    train(job, instances, made, key)


if __name__ == "__main__":
    run(main)
