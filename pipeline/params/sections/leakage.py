"""The section `leakage`."""

from pipeline.params.schema import Names, Section


class Leakage(Section):
    """Which games' splits may share instances."""

    may_overlap: Names
