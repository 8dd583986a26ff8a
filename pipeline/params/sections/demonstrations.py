"""The section `demonstrations`."""

from pipeline.params.schema import Count, Section


class Demonstrations(Section):
    """Which won episodes are imitated."""

    max_per_game: Count
    learner_turns_only: bool
