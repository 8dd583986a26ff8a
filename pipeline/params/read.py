"""Read the whole of params.yaml, or say in one sentence why it cannot be run."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from games.errors import ParamsError
from pipeline.params.checks import check
from pipeline.params.complaints import complain, validate
from pipeline.params.files import FILE, read_yaml
from pipeline.params.sections.whole import Params


def load_params(path: Path = FILE) -> Params:
    """Read and check a parameter file.

    Raises:
        ParamsError: it is missing, is not YAML, or says what cannot be run.

    """
    return make_params(read_yaml(path), path)


def make_params(raw: Any, path: Path) -> Params:
    """Check what a parameter file says, as YAML reads it.

    Raises:
        ParamsError: it cannot be run.
    """
    params = validate(Params, raw, path)
    for stage in (params.sft, params.dpo, params.grpo, params.play):
        name = type(stage).__name__.lower()
        for variant, changes in stage.overrides.items():
            try:
                stage.variant(variant)
            except ValidationError as error:
                sentence = complain(error, changes, f"{name}.overrides.{variant}.")
                raise ParamsError(f"{path.name}: {sentence}") from None
    try:
        check(params)
    except ValueError as error:
        raise ParamsError(f"{path.name}: {error}") from None
    return params
