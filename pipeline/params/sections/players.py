"""Who fills a role: the section `endpoints`, and the kinds of players."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from pipeline.params.schema import (
    Level,
    Name,
    Real,
    Section,
    Share,
    Text,
    refuse_no_address,
    refuse_no_variable,
)


class Prices(Section):
    """What an endpoint takes for a million tokens, in the currency of `max_spend`."""

    prompt: Level
    sampled: Level


class Endpoint(Section):
    """An OpenAI-compatible server: what plays there, how fast, for how much."""

    url: Annotated[str, AfterValidator(refuse_no_address)]
    model: Text
    key: Annotated[str, AfterValidator(refuse_no_variable)] | None
    concurrency: Annotated[int, Field(ge=1, le=1000)]
    """Threads, each with a connection of its own."""
    timeout: Annotated[Real, Field(gt=0, le=86400)]
    retries: Annotated[int, Field(ge=0, le=1000)]
    temperature: Level
    max_spend: Level | None
    prices: Prices

    @model_validator(mode="after")
    def _has_prices(self) -> Self:
        free = self.prices.prompt == self.prices.sampled == 0
        if free and self.max_spend is not None:
            raise ValueError("max_spend needs prices, or is null where nothing costs")
        return self


class ExpertPlayer(Section):
    """A scripted expert of a game, as skilled as it is told to be."""

    kind: Literal["expert"]
    skill: Share


class PolicyPlayer(Section):
    """The policy that the stage plays with: its section says which."""

    kind: Literal["policy"]


class EndpointPlayer(Section):
    """A model behind one of `endpoints`."""

    kind: Literal["endpoint"]
    endpoint: Name


Player = Annotated[
    ExpertPlayer | PolicyPlayer | EndpointPlayer, Field(discriminator="kind")
]
"""Who fills a role. A kind has its own keys, and no others.

A policy's name is not among them: dvc.yaml depends on its folder, and can name it only
by a key that is there whatever the kinds of the players are.
"""
