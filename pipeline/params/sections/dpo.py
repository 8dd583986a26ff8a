"""The section `dpo`."""

from typing import Literal

from pipeline.params.schema import PolicyId, Rate, Variants
from pipeline.params.sections.training import Training


class DpoSettings(Training):
    """One variant of direct preference optimisation."""

    start: PolicyId
    """The policy that it starts from; "sft/sft" is the one of the same seed."""
    level: Literal["dialogue", "turn"]
    beta: Rate


class Dpo(Variants[DpoSettings]):
    """Direct preference optimisation on pairs."""
