"""The section `play`."""

from typing import Annotated

from pydantic import AfterValidator

from pipeline.params.schema import Count, Level, Names, Section, Variants
from pipeline.params.sections.players import ExpertPlayer

SELF_PLAY = "self"
"""The lineup of clembench: the policy fills every role."""


def _need_self_play(names: list[str]) -> list[str]:
    if SELF_PLAY not in names:
        raise ValueError(f"must name '{SELF_PLAY}', which the table of results shows")
    return names


class Lineup(Section):
    """Who sits where when a policy is evaluated, and how it replies."""

    partner: ExpertPlayer | None
    """Fills all roles but one, and the policy each role in turn; null: none does."""
    temperature: Level
    samples: Count
    """Episodes of an instance; of a policy that replies greedily they are all alike."""
    instances: Count | None
    max_chat_tokens: Count | None
    """Of one role, from which on it is silent; null: as many as its model can read."""
    batch_size: Count
    shard_size: Count


class Play(Variants[Lineup]):
    """How policies are evaluated on games: its variants are the lineups."""

    variants: Annotated[Names, AfterValidator(_need_self_play)]
