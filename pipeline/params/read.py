"""Read params.yaml, or say in one sentence why it cannot be run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from games.errors import ParamsError
from pipeline.params.checks import check
from pipeline.params.schema import unknown
from pipeline.params.sections import Params

FILE = Path("params.yaml")


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


def read_yaml(path: Path) -> Any:
    """Read a file as YAML 1.2, where 1e-05 is a number."""
    try:
        return YAML(typ="safe").load(path)
    except FileNotFoundError:
        raise ParamsError(
            f"{path} is missing: run from the root of the project, or restore the file"
        ) from None
    except MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ParamsError(
            f"{path.name} is not valid YAML: {error.problem}{line}"
        ) from None
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise ParamsError(f"{path.name} cannot be read: {error}") from None


def _sentence(error: ValidationError, raw: Any, prefix: str) -> str:
    """Turn the first of pydantic's complaints into a sentence."""
    first, *others = error.errors()
    key = prefix + ".".join(map(str, _known(first, raw)))
    what = _complaint(first)
    more = f" (and {len(others)} more)" if others else ""
    return f"{key.rstrip('.')}: {what}{more}" if key else f"{what}{more}"


def _known(complaint: Mapping[str, Any], raw: Any) -> list[str | int]:
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


def _complaint(complaint: Mapping[str, Any]) -> str:
    """Say what is wrong, in the words of the file."""
    match complaint["type"]:
        case "value_error":
            return str(complaint["ctx"]["error"])
        case "missing":
            return "is missing, and no key has a default"
        case "union_tag_invalid":
            known = complaint["ctx"]["expected_tags"].replace("'", "").split(", ")
            return unknown("kind", complaint["ctx"]["tag"], known)
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
