"""The section `grpo`."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.params.schema import (
    Count,
    Level,
    Name,
    Names,
    PolicyId,
    Rate,
    Real,
    Section,
    Share,
    Variants,
    Whole,
)
from pipeline.params.sections.players import Player
from pipeline.params.sections.training import Adapter


class GrpoSettings(Section):
    """One variant of group-relative policy optimisation."""

    start: PolicyId
    """The policy that it starts from; "sft/sft" is the one of the same seed."""
    partners: list[Player]
    """Who plays the seats that the learner does not fill, and does not learn: of
    several, one for each instance. None: the learner fills every seat."""
    partner_policy: PolicyId
    """The policy that partners of kind policy are; base where there are none."""
    roles: Annotated[
        dict[str, Annotated[Names, Field(min_length=1)]], Field(min_length=1)
    ]
    level: Literal["episode", "turn"]
    steps: Count
    groups: Count
    group_size: Annotated[int, Field(ge=2, le=10**6)]
    redraws: Whole
    """How often a group whose rewards are all alike is replaced by another one."""
    reward: Name
    """A file of stages/grpo/rewards."""
    loss: Literal["grpo", "bnpo", "dr_grpo", "dapo"]
    scale_rewards: Literal["group", "batch", "none"]
    """By whose standard deviation advantages are divided."""
    clip: Share
    clip_high: Share
    iterations: Count
    """Gradient steps on each batch of rollouts."""
    beta: Level
    kl: Literal["k3", "corrected"]
    """The paper's estimate of the KL, or the same times the ratio to the sampler."""
    learning_rate: Rate
    schedule: Literal["linear", "constant"]
    warmup_steps: Whole
    temperature: Annotated[Real, Field(gt=0)]
    abort_reward: Real
    adapter: Adapter
    save_steps: Count

    @property
    def batch_size(self) -> int:
        """The rollouts of one forward pass: a group."""
        return self.group_size


class Grpo(Variants[GrpoSettings]):
    """Group-relative policy optimisation on the policy's own episodes."""
