"""The section `play`."""

from pipeline.params.schema import Count, Level, Section


class Play(Section):
    """How policies are evaluated on games."""

    temperature: Level
    batch_size: Count
    shard_size: Count
    instances: Count | None
