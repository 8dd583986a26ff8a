"""The section `dpo`."""

from typing import Literal

from pipeline.params.schema import PolicyId, Rate, Variants
from pipeline.params.sections.training import Training


class DpoSettings(Training):
    """One variant of direct preference optimisation."""

    level: Literal["dialogue", "turn"]
    beta: Rate


class Dpo(Variants[DpoSettings]):
    """Direct preference optimisation on pairs."""

    start: PolicyId
