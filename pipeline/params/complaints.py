"""What pydantic says of a value, as one sentence in the words of params.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from games.errors import ParamsError
from pipeline.params.schema import Section, say_unknown
from pipeline.params.show import shorten, show

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
    except UnicodeError:
        raise ParamsError(
            f"{path.name}: a text holds half of a character (\\ud800 and the like): "
            "write the character itself"
        ) from None


def complain(error: ValidationError, raw: Any, prefix: str = "") -> str:
    """Turn the first of pydantic's complaints into a sentence.

    Args:
        error: pydantic's.
        raw: what was validated.
        prefix: where that stands in the file.
    """
    # of the types that a key can have, complain of the one that is meant
    first, *others = sorted(error.errors(), key=_is_of_another_type)
    key = shorten(prefix + ".".join(map(str, _list_keys(first, raw))))
    what = _word_complaint(first)
    more = f" (and {len(others)} more)" if others else ""
    return f"{key.rstrip('.')}: {what}{more}" if key else f"{what}{more}"


def _is_of_another_type(complaint: Mapping[str, Any]) -> bool:
    """Tell whether a key must be a word only where it is not written as a list."""
    is_word = complaint["type"] == "literal_error"
    return is_word and isinstance(complaint["input"], list)


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
            return f"must be a section with keys, not {show(complaint['input'])}"
    must = complaint["msg"]
    for subject in (
        "Input should",
        "String should",
        "List should",
        "Dictionary should",
        "Value should",
    ):
        must = must.replace(subject, "must")
    must = must.replace(" after validation", "").partition(", not")[0]
    return f"{must}, not {show(complaint['input'])}"
