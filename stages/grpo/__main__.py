"""Train one GRPO policy on its own rollouts."""

import argparse

from games.contract import Instance
from pipeline.params.part import load_part
from pipeline.params.schema import Name, Section
from pipeline.params.sections.grpo import Grpo, GrpoSettings
from pipeline.params.sections.players import Endpoint
from pipeline.params.sections.study import Compute, Games
from stages.common.cli import run
from stages.common.games import confirm_code
from stages.common.instances import locate_instances, read_instances
from stages.common.keys import derive_scratch_key
from stages.common.seeds import derive_seed
from stages.grpo.train import train
from stages.playing.seats import MakeSeat, Seat, seat_for
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
    partner = seat_partners(params, settings, args.start, args.partner)
    most = params.games.max_reply_tokens
    train(job, instances, partner, max_reply_tokens=most)


def seat_partners(
    params: GrpoParams, settings: GrpoSettings, start: str, policy_id: str
) -> MakeSeat | None:
    """Load the frozen partners, who decode greedily if they are policies.

    The paper's partner is a fixed, stronger model; a scripted expert is the stronger
    player that can be had on a laptop. Of several, an instance always meets the same
    one, so that the rewards of a group can be compared.

    Returns:
        What makes their seats. None if there is none, or if the only one is the policy
        that an adapter is trained on: the trained model without its adapter is this
        policy, and no second one is loaded.
    """
    is_start = [one.kind for one in settings.partners] == ["policy"]
    is_start = is_start and policy_id == start
    if not settings.partners or (is_start and settings.adapter.enabled):
        return None
    seats = [
        seat_for(one, policy_id, params.compute, params.endpoints, temperature=0.0)
        for one in settings.partners
    ]

    def seat(instance: Instance, role: str, seed: int) -> Seat:
        place = derive_seed("partner", instance.game, instance.instance_id) % len(seats)
        return seats[place](instance, role, seed)

    return seat


if __name__ == "__main__":
    run(main)
