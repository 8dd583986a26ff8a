"""Read params.yaml, or say in one sentence why it cannot be run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from games.errors import ParamsError
from pipeline.params.checks import check
from pipeline.params.files import FILE, read_yaml
from pipeline.params.sections import Params


def load_params(path: Path = FILE) -> Params:
    """Read and check a parameter file.

    Raises:
        ParamsError: it is missing, is not YAML, or says what cannot be run.

    """
    raw = read_yaml(path)
    try:
        params = Params.model_validate(raw)
    except ValidationError as error:
        raise ParamsError(f"{path.name}: {_sentence(error, raw, '')}") from None
    for stage in (params.sft, params.dpo, params.grpo):
        name = type(stage).__name__.lower()
        for variant, changes in stage.overrides.items():
            try:
                stage.variant(variant)
            except ValidationError as error:
                where = f"{name}.overrides.{variant}."
                sentence = _sentence(error, changes, where)
                raise ParamsError(f"{path.name}: {sentence}") from None
    try:
        check(params)
    except ValueError as error:
        raise ParamsError(f"{path.name}: {error}") from None
    return params


def _sentence(error: ValidationError, raw: Any, prefix: str) -> str:
    """Turn the first of pydantic's complaints into a sentence."""
    first, *others = error.errors()
    key = prefix + ".".join(map(str, _known(first, raw)))
    what = _complaint(first)
    more = f" (and {len(others)} more)" if others else ""
    return f"{key.rstrip('.')}: {what}{more}" if key else f"{what}{more}"


def _known(complaint: Mapping[str, Any], raw: Any) -> list[str | int]:
    """Return the keys that lead to the complaint, without the names of its types."""
    keys: list[str | int] = []
    for part in complaint["loc"]:
        in_mapping = isinstance(raw, Mapping) and part in raw
        if in_mapping or (isinstance(raw, list) and isinstance(part, int)):
            raw = raw[part]
        elif complaint["type"] != "missing":
            break
        keys.append(part)
    return keys


def _complaint(complaint: Mapping[str, Any]) -> str:
    """Say what is wrong, in the words of the file."""
    match complaint["type"]:
        case "value_error":
            return str(complaint["ctx"]["error"])
        case "missing":
            return "is missing, and no key has a default"
        case "model_type" | "dict_type":
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
