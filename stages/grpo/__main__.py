"""Train one GRPO policy: `python -m stages.grpo --start S --variant V --seed N`."""

import argparse
from pathlib import Path

from pipeline.params import load_params
from pipeline.params.sections import GrpoSettings, Params
from stages.common.cli import run
from stages.common.fingerprint import fingerprint
from stages.common.games import confirm_code
from stages.common.instances import INSTANCES, read_instances
from stages.common.policy import policy_folder
from stages.grpo.train import train
from stages.playing.seats import MakeSeat, seat_for
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
    policy_id = f"grpo/{args.start}/{args.variant}/{args.seed}"
    job = Run(policy_id, args.start, settings, params.compute, args.seed)
    train(job, instances, seat_partner(params, settings, args.start), _key(params))


def seat_partner(params: Params, settings: GrpoSettings, start: str) -> MakeSeat | None:
    """Load the frozen partner, who decodes greedily if it is a policy.

    The paper's partner is a fixed, stronger model; a scripted expert is the stronger
    player that can be had on a laptop.

    Returns:
        What makes its seats. None if it is the policy that an adapter is trained on:
        the trained model without its adapter is this policy, and no second one is
        loaded.
    """
    partner, policy_id = params.grpo.partner, params.grpo.partner_policy
    is_start = partner.kind == "policy" and policy_id == start
    if is_start and settings.adapter.enabled:
        return None
    return seat_for(
        partner, policy_id, params.compute, params.endpoints, temperature=0.0
    )


def _key(params: Params) -> list[str]:
    """List what else decides the result: the partner, and the code."""
    partner = params.grpo.partner
    remote = partner.kind == "endpoint"
    return [
        repr(partner),
        repr(params.endpoints[partner.endpoint].decisive) if remote else "",
        params.compute.dtype,
        params.compute.engine,
        *map(
            fingerprint,
            [policy_folder(params.grpo.partner_policy), *READ, Path("stages/grpo")],
        ),
    ]


if __name__ == "__main__":
    run(main)
