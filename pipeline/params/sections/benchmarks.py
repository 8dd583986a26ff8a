"""The section `benchmarks`."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.params.schema import Count, Section, Texts


class Benchmarks(Section):
    """What else policies are evaluated on."""

    tasks: Literal["own"] | Annotated[Texts, Field(min_length=1)]
    items: Count
    batch_size: Count
