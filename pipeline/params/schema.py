"""What a section of params.yaml is made of: strict types, no defaults, no extra keys.

The sections themselves are in `pipeline.params.sections`.
"""

import difflib
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from pipeline.params.show import show

_MOST_NAMED = 20
_LONGEST_NAME = 100
_LARGEST = 10**9
"""Of what is counted; more is a slip of the finger."""
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def say_unknown(kind: str, name: object, known: Iterable[object]) -> str:
    """Say that a name is unknown, and which known one is closest."""
    names = [str(one) for one in known]
    written = show(name if isinstance(name, str) else str(name))
    close = difflib.get_close_matches(written.strip("'"), names, n=1, cutoff=0.5)
    choice = f"choose from {', '.join(names[:_MOST_NAMED])}"
    if len(names) > _MOST_NAMED:
        choice += f" and {len(names) - _MOST_NAMED} more"
    hint = f"did you mean '{close[0]}'?" if close else choice
    return f"unknown {kind} {written}: {hint if names else 'there is none'}"


def _read_number(value: Any) -> Any:
    """Read "1e-5", which a YAML 1.1 writer may have quoted, as the number it is."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return value


def refuse_twice(values: list[Hashable]) -> list[Hashable]:
    """Refuse a list that names something twice."""
    for value, times in Counter(values).items():
        if times > 1:
            raise ValueError(f"names {show(str(value))} twice")
    return values


def refuse_no_address(value: str) -> str:
    """Refuse what is no plain address, and never repeat a password in it."""
    example = "must be an address such as http://localhost:8000/v1"
    try:
        parts = urlsplit(value)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or "@" in value or "?" in value or "#" in value or " " in value:
        raise ValueError(f"{example}, without a user, a password or a query")
    return value


def refuse_no_variable(value: str) -> str:
    """Refuse what is no name of a variable, for it may be a key: it is not repeated."""
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", value):
        raise ValueError(
            "must name the environment variable that holds the key, such as "
            "OPENAI_API_KEY; the key itself belongs in no file"
        )
    return value


def _refuse_odd(value: str) -> str:
    """Refuse what cannot be a part of a stage's name in DVC, and of a folder's."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", value):
        raise ValueError(
            f"{show(value)} cannot be part of the name of a stage: use letters, "
            "digits, '_' and '-', and begin with a letter or a digit (lr1.5 -> lr1_5)"
        )
    if len(value) > _LONGEST_NAME:
        raise ValueError(
            f"is too long for the name of a folder: use at most {_LONGEST_NAME} letters"
        )
    return value


def _refuse_unprinted(value: str) -> str:
    """Refuse what no path and no name of a model can hold."""
    if _NOT_PRINTED.search(value) or value != value.strip():
        raise ValueError(
            f"{show(value)} holds a character that cannot be seen: type it again"
        )
    return value


def _refuse_odd_parts(value: str) -> str:
    """Refuse what is no folder under data/."""
    for part in value.split("/"):
        _refuse_odd(part)
    return value


def _refuse_odd_pattern(value: str) -> str:
    """Refuse what matches no folder under data/."""
    _refuse_odd_parts(value.replace("*", "x"))
    return value


Name = Annotated[str, AfterValidator(_refuse_odd)]
"""A part of a policy's folder and of a stage's name."""
PolicyId = Annotated[str, AfterValidator(_refuse_odd_parts)]
"""A policy by its folder under data/, e.g. "sft/sft/0"."""
Text = Annotated[
    str, Field(min_length=1, max_length=1000), AfterValidator(_refuse_unprinted)
]
"""A path, a model's name: anything that can be seen."""
Texts = Annotated[list[Text], AfterValidator(refuse_twice)]
Names = Annotated[list[Name], AfterValidator(refuse_twice)]
Pattern = Annotated[str, AfterValidator(_refuse_odd_pattern)]
"""A policy's id, or many: "*" stands for any text, so that "sft/*" is all of SFT's."""
Patterns = Annotated[list[Pattern], AfterValidator(refuse_twice)]
Count = Annotated[int, Field(ge=1, le=_LARGEST)]
Whole = Annotated[int, Field(ge=0, le=_LARGEST)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""What every library takes for a seed."""
Real = Annotated[float, BeforeValidator(_read_number)]
Rate = Annotated[Real, Field(gt=0, le=1)]
Share = Annotated[Real, Field(ge=0, le=1)]
Level = Annotated[Real, Field(ge=0)]
"""A temperature or a weight."""


class Section(BaseModel):
    """A group of keys: all of them needed, no others allowed."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _suggest(cls, data: Any) -> Any:
        """Refuse an unknown key by naming the known one that looks most like it."""
        if isinstance(data, Mapping):
            for key in data:
                if key not in cls.model_fields:
                    raise ValueError(say_unknown("key", key, cls.model_fields))
        return data


Settings = TypeVar("Settings", bound=Section)


class Variants(Section, Generic[Settings]):
    """Variants of one training: settings in common, and what each of them changes."""

    variants: Names
    common: Settings
    overrides: dict[str, dict[str, Any]]

    def variant(self, name: str) -> Settings:
        """Merge the overrides of a variant into `common`.

        Raises:
            ValidationError: an override has an unknown key or a value out of range.
            KeyError: there is no such variant; never for one that `variants` names.

        """
        return type(self.common).model_validate(
            _merge(self.common, self.overrides[name])
        )


def _merge(section: Section, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Merge changes into a section's values; in a subsection, key by key.

    A player is replaced as a whole, for each kind has keys of its own.
    """
    merged = dict(section)
    for key, value in changes.items():
        inner = merged.get(key)
        is_part = isinstance(value, Mapping) and "kind" not in value
        if isinstance(inner, Section) and is_part:
            value = _merge(inner, value)
        merged[key] = value
    return merged
