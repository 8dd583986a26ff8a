"""What every training shares."""

from pipeline.params.schema import Count, Rate, Section, Whole


class Adapter(Section):
    """LoRA on all linear layers, or full weights."""

    enabled: bool
    rank: Count
    alpha: Count


class Training(Section):
    """What every training from a file has."""

    epochs: Count
    batch_size: Count
    learning_rate: Rate
    warmup_steps: Whole
    max_length: Count
    adapter: Adapter
    save_steps: Count
