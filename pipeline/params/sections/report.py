"""The section `report`."""

from typing import Annotated

from pydantic import Field

from pipeline.params.schema import Count, Real, Section


class Report(Section):
    """How results are summed up."""

    bootstrap: Count
    confidence: Annotated[Real, Field(gt=0, lt=1)]
    readme: bool
