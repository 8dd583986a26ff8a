"""The section `preferences`."""

from pipeline.params.schema import Count, Section, Whole


class Preferences(Section):
    """Which replies are paired."""

    negatives_per_positive: Count
    with_aborted: bool
    max_first_turn_pairs: Whole
    max_pairs: Count
