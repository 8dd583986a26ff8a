"""The section `yardsticks`."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from pipeline.params.schema import Section, refuse_twice

EXPERT = "expert"
BLIND = "blind/"
"""What the names of blind players begin with; their kind follows."""
Name = Literal["blind/constant", "blind/uniform", "blind/frequent", "expert"]


def _need_both_ends(names: list[str]) -> list[str]:
    if EXPERT not in names or not any(name.startswith(BLIND) for name in names):
        raise ValueError(f"must name '{EXPERT}' and one of {BLIND}..., the two ends")
    return names


class Yardsticks(Section):
    """The scripted players that policies are measured by."""

    players: Annotated[
        list[Name], AfterValidator(refuse_twice), AfterValidator(_need_both_ends)
    ]
