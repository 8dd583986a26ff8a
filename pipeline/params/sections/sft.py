"""The section `sft`."""

from pipeline.params.schema import PolicyId, Variants
from pipeline.params.sections.training import Training


class SftSettings(Training):
    """One variant of supervised fine-tuning."""

    start: PolicyId
    """The policy that it starts from; "dpo/turn" is the one of the same seed."""
    games: list[str] | None


class Sft(Variants[SftSettings]):
    """Supervised fine-tuning on demonstrations."""
