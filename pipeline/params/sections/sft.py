"""The section `sft`."""

from pipeline.params.schema import PolicyId, Variants
from pipeline.params.sections.training import Training


class SftSettings(Training):
    """One variant of supervised fine-tuning."""

    games: list[str] | None


class Sft(Variants[SftSettings]):
    """Supervised fine-tuning on demonstrations."""

    start: PolicyId
