"""The policies that stages make, what each is made from, and which are evaluated."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from pipeline.params.schema import say_unknown
from pipeline.params.sections.whole import Params

SEEDED = ("sft", "dpo", "grpo")
"""Stages that train a policy for each seed."""


def list_sources(params: Params) -> dict[str, tuple[str, ...]]:
    """List the id of every policy that is made, with those of what it is made from.

    The first is the policy that the training starts from.
    """
    learner = params.selfplay.learner
    made: dict[str, tuple[str, ...]] = {"base": ()}
    for variant in params.warmup.variants:
        made[f"warmup/{variant}"] = (params.warmup.start,)
    for seed in params.seeds:
        for name, stage in (("sft", params.sft), ("dpo", params.dpo)):
            for variant in stage.variants:
                start = pair_seed(stage.variant(variant).start, seed)
                made[f"{name}/{variant}/{seed}"] = (start, learner)
        for variant in params.grpo.variants:
            settings = params.grpo.variant(variant)
            start = pair_seed(settings.start, seed)
            partner = pair_seed(settings.partner_policy, seed)
            made[f"grpo/{variant}/{seed}"] = (start, partner)
    return made


def pair_seed(policy_id: str, seed: int) -> str:
    """Name the policy of the same seed, where an id leaves the seed open.

    Args:
        policy_id: e.g. "sft/sft", which stands for each of its seeds, or "sft/sft/0".
        seed: of the training that starts from it.
    """
    stage, *rest = policy_id.split("/")
    return f"{policy_id}/{seed}" if stage in SEEDED and len(rest) == 1 else policy_id


def list_evaluated(params: Params) -> list[str]:
    """List the ids of the policies that are evaluated, patterns expanded.

    Raises:
        ValueError: nothing makes a policy of such a name, or one is named twice.
    """
    return expand_patterns(params.policies, list(list_sources(params)), "policies")


def expand_patterns(
    patterns: Sequence[str], made: Sequence[str], key: str
) -> list[str]:
    """Expand patterns such as "sft/*" to the ids of policies, each once.

    Raises:
        ValueError: a pattern matches no policy that is made.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        matching = [one for one in made if fnmatchcase(one, pattern)]
        if not matching:
            raise ValueError(f"{key}: {say_unknown('policy', pattern, made)}")
        found |= dict.fromkeys(matching)
    return list(found)
