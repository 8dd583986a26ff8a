"""The frozen partner of GRPO's learner: a scripted expert, a policy, or an endpoint.

The paper's partner is a fixed, stronger model; a scripted expert is the stronger player
that can be had on a laptop.
"""

import random
from collections.abc import Mapping

from games.contract import Instance
from games.registry import GAMES
from pipeline.params.sections import Compute, Endpoint, Partner
from stages.common.policy import policy_folder
from stages.engines.endpoint.backend import EndpointBackend
from stages.grpo.rollouts import MakePartner
from stages.playing.seats import policy_seat
from stages.playing.table import PolicySeat, Seat


def make_partner(
    partner: Partner,
    compute: Compute,
    endpoints: Mapping[str, Endpoint],
    *,
    start: str | None = None,
) -> MakePartner | None:
    """Return what seats the partner; a policy is loaded once and decodes greedily.

    None if it is the policy `start`, which an adapter is trained on: it is at hand.
    """
    if partner.kind == "endpoint":
        name = partner.endpoint
        remote = PolicySeat(EndpointBackend(name, endpoints[name]), None)
        return lambda instance, role, seed: remote
    if partner.kind == "policy":
        if partner.policy == start:
            return None
        seat = policy_seat(policy_folder(partner.policy), compute, temperature=0.0)
        return lambda instance, role, seed: seat

    def expert(instance: Instance, role: str, seed: int) -> Seat:
        game = GAMES[instance.game]
        return game.expert(instance, role, partner.skill, random.Random(seed))

    return expert
