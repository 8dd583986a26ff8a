"""The section `instances`."""

from typing import Literal, Self

from pydantic import model_validator

from pipeline.params.schema import Count, Section, Text, Texts
from pipeline.params.sections.base import Sha256
from pipeline.params.show import show


class Clembench(Section):
    """A checkout of clembench, and which versions of its instances are which split.

    The checkout is pinned by the hash of its instances; null: the stage says it.
    """

    checkout: Text | None
    sha256: Sha256 | None
    train: Texts
    test: Texts


class Instances(Section):
    """Where instances come from, and how many there are a game and split."""

    source: Literal["generators", "clembench"]
    rules: Literal["v2", "v3"]
    train: Count
    validation: Count
    test: Count
    clembench: Clembench

    def size(self, split: str) -> int:
        """Say how many instances a game has in train, validation or test."""
        sizes = {"train": self.train, "validation": self.validation, "test": self.test}
        return sizes[split]

    @model_validator(mode="after")
    def _has_files(self) -> Self:
        files = self.clembench
        if self.source == "clembench" and not (
            files.checkout and files.train and files.test
        ):
            raise ValueError(
                "source 'clembench' needs clembench.checkout, .train and .test"
            )
        both = [version for version in files.train if version in files.test]
        if self.source == "clembench" and both:
            raise ValueError(
                f"clembench: version {show(both[0])} is in both train and test, so "
                "that no result would be on unseen instances: take it out of one list"
            )
        return self
