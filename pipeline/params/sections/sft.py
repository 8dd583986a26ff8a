"""The section `sft`."""

from typing import Annotated

from pydantic import Field

from pipeline.params.schema import Names, PolicyId, Variants
from pipeline.params.sections.training import Training


class SftSettings(Training):
    """One variant of supervised fine-tuning."""

    start: PolicyId
    """The policy that it starts from; "dpo/turn" is the one of the same seed."""
    games: Annotated[Names, Field(min_length=1)] | None


class Sft(Variants[SftSettings]):
    """Supervised fine-tuning on demonstrations."""
