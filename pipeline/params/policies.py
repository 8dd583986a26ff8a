"""The policies that the stages make, and what each of them is made from."""

from pipeline.params.sections.whole import Params


def list_sources(params: Params) -> dict[str, tuple[str, ...]]:
    """List the id of every policy that is made, with those of what it is made from."""
    learner, partner = params.selfplay.learner, params.grpo.partner_policy
    made: dict[str, tuple[str, ...]] = {"base": ()}
    for variant in params.warmup.variants:
        made[f"warmup/{variant}"] = (params.warmup.start,)
    for seed in params.seeds:
        for variant in params.sft.variants:
            made[f"sft/{variant}/{seed}"] = (params.sft.start, learner)
        for variant in params.dpo.variants:
            made[f"dpo/{variant}/{seed}"] = (params.dpo.start, learner)
        for variant in params.grpo.variants:
            for start in params.grpo.starts:
                made[f"grpo/{start}/{variant}/{seed}"] = (start, partner)
    return made
