"""Train one GRPO policy on its own rollouts."""

import argparse

from pipeline.params.part import load_part
from pipeline.params.schema import Name, Section
from pipeline.params.sections.grpo import Grpo, GrpoSettings
from pipeline.params.sections.players import Endpoint
from pipeline.params.sections.study import Compute, Games
from stages.common.cli import run
from stages.common.games import confirm_code
from stages.common.instances import locate_instances, read_instances
from stages.common.keys import derive_scratch_key
from stages.grpo.train import train
from stages.playing.seats import MakeSeat, seat_for
from stages.training.recipe import Run


class GrpoParams(Section):
    """What this stage reads of params.yaml."""

    compute: Compute
    games: Games
    endpoints: dict[Name, Endpoint]
    grpo: Grpo


def main() -> None:
    """Read the training instances of the variant's games and train on rollouts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", required=True, help="folder under data/")
    parser.add_argument("--variant", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--partner", required=True, help="folder under data/")
    args = parser.parse_args()
    params = load_part(GrpoParams)
    settings = params.grpo.variant(args.variant)
    confirm_code("held_in", params.games.held_in)
    instances = read_instances(locate_instances("train"), games=list(settings.roles))
    policy_id = f"grpo/{args.variant}/{args.seed}"
    key = derive_scratch_key("grpo", vars(args))
    job = Run(policy_id, args.start, settings, params.compute, args.seed, key)
    train(job, instances, seat_partner(params, settings, args.start, args.partner))


def seat_partner(
    params: GrpoParams, settings: GrpoSettings, start: str, policy_id: str
) -> MakeSeat | None:
    """Load the frozen partner, who decodes greedily if it is a policy.

    The paper's partner is a fixed, stronger model; a scripted expert is the stronger
    player that can be had on a laptop.

    Returns:
        What makes its seats. None if it is the policy that an adapter is trained on:
        the trained model without its adapter is this policy, and no second one is
        loaded.
    """
    partner = settings.partner
    is_start = partner.kind == "policy" and policy_id == start
    if is_start and settings.adapter.enabled:
        return None
    return seat_for(
        partner, policy_id, params.compute, params.endpoints, temperature=0.0
    )


if __name__ == "__main__":
    run(main)
