"""What pydantic says of a value, as one sentence in the words of params.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from games.errors import ParamsError
from pipeline.params.schema import Section, say_unknown

Read = TypeVar("Read", bound=Section)


def validate(section: type[Read], raw: Any, path: Path) -> Read:
    """Make a section of what a file says.

    Raises:
        ParamsError: the file says what the section does not allow.
    """
    try:
        return section.model_validate(raw)
    except ValidationError as error:
        raise ParamsError(f"{path.name}: {complain(error, raw)}") from None


def complain(error: ValidationError, raw: Any, prefix: str = "") -> str:
    """Turn the first of pydantic's complaints into a sentence.

    Args:
        error: pydantic's.
        raw: what was validated.
        prefix: where that stands in the file.
    """
    first, *others = error.errors()
    key = prefix + ".".join(map(str, _list_keys(first, raw)))
    what = _word_complaint(first)
    more = f" (and {len(others)} more)" if others else ""
    return f"{key.rstrip('.')}: {what}{more}" if key else f"{what}{more}"


def _list_keys(complaint: Mapping[str, Any], raw: Any) -> list[str | int]:
    """List the keys that lead to the complaint, without the names of its types."""
    keys: list[str | int] = []
    kind = None
    for part in complaint["loc"]:
        is_mapping = isinstance(raw, Mapping)
        if is_mapping and kind is None and part == raw.get("kind"):
            kind = part  # of a player: pydantic names it before the player's own keys
        elif (is_mapping and part in raw) or (
            isinstance(raw, list) and isinstance(part, int)
        ):
            raw, kind = raw[part], None
            keys.append(part)
    if complaint["type"] == "missing":
        keys.append(complaint["loc"][-1])
    return keys


def _word_complaint(complaint: Mapping[str, Any]) -> str:
    """Say what is wrong, in the words of the file."""
    match complaint["type"]:
        case "value_error":
            return str(complaint["ctx"]["error"])
        case "missing":
            return "is missing, and no key has a default"
        case "union_tag_invalid":
            known = complaint["ctx"]["expected_tags"].replace("'", "").split(", ")
            return say_unknown("kind", complaint["ctx"]["tag"], known)
        case "union_tag_not_found":
            return f"needs a {complaint['ctx']['discriminator']}".replace("'", "")
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"must be a section with keys, not {complaint['input']!r}"
    must = complaint["msg"]
    for subject in (
        "Input should",
        "String should",
        "List should",
        "Dictionary should",
    ):
        must = must.replace(subject, "must")
    return f"{must}, not {complaint['input']!r}"
