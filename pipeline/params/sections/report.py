"""The section `report`."""

from typing import Annotated

from pydantic import Field

from pipeline.params.schema import Real, Section


class Report(Section):
    """How results are summed up."""

    confidence: Annotated[Real, Field(ge=0.5, lt=1)]
    difference: Annotated[Real, Field(gt=0, lt=100)]
    readme: bool
