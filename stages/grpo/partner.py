"""The frozen partner of GRPO's learner: a scripted expert or another policy.

The paper's partner is a fixed, stronger model; a scripted expert is the stronger player
that can be had on a laptop.
"""

import random

from games.contract import Instance
from games.registry import GAMES
from pipeline.sections import Compute, Partner
from stages.common.policy import load_policy, policy_folder
from stages.grpo.rollouts import MakePartner
from stages.selfplay.engine import Engine
from stages.selfplay.scheduler import PolicySeat, Seat


def make_partner(partner: Partner, compute: Compute) -> MakePartner:
    """Return what seats the partner; a policy is loaded once and decodes greedily."""
    if partner.kind == "policy":
        policy = load_policy(policy_folder(partner.policy), compute)
        engine = Engine(policy.model, policy.chat.end_of_turn, temperature=0.0)
        seat = PolicySeat(engine, policy.chat)
        return lambda instance, role, seed: seat

    def expert(instance: Instance, role: str, seed: int) -> Seat:
        game = GAMES[instance.game]
        return game.expert(instance, role, partner.skill, random.Random(seed))

    return expert
