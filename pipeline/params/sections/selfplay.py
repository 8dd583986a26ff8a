"""The section `selfplay`."""

from typing import Annotated

from pydantic import Field

from pipeline.params.schema import Count, Level, Name, PolicyId, Section, Whole
from pipeline.params.sections.players import Player


class Pairing(Section):
    """A player for each role, and the episodes they play of each instance."""

    players: Annotated[list[Name], Field(min_length=1)]
    samples: Count


class Branching(Section):
    """How often an episode that a policy played is taken up again at a turn."""

    turns: Whole
    continuations: Count


class Selfplay(Section):
    """Who plays with whom on the training instances."""

    learner: PolicyId
    """The policy that players of kind policy are; base where there are none."""
    temperature: Level
    batch_size: Count
    shard_size: Count
    players: dict[Name, Player]
    pairings: Annotated[list[Pairing], Field(min_length=1)]
    branching: Branching
