"""The section `grpo`."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.params.schema import (
    Count,
    Level,
    Names,
    PolicyId,
    Rate,
    Real,
    Section,
    Variants,
    Whole,
)
from pipeline.params.sections.players import Player
from pipeline.params.sections.training import Adapter


class GrpoSettings(Section):
    """One variant of group-relative policy optimisation."""

    start: PolicyId
    """The policy that it starts from; "sft/sft" is the one of the same seed."""
    partner: Player
    """Who plays the seats that the learner does not fill, and does not learn."""
    partner_policy: PolicyId
    """The policy that a partner of kind policy is; base where it is none."""
    roles: Annotated[
        dict[str, Annotated[Names, Field(min_length=1)]], Field(min_length=1)
    ]
    level: Literal["episode", "turn"]
    steps: Count
    groups: Count
    group_size: Annotated[int, Field(ge=2)]
    beta: Level
    learning_rate: Rate
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
