"""The section `leakage`."""

from pipeline.params.schema import Section


class Leakage(Section):
    """Which games' splits may share instances."""

    may_overlap: list[str]
