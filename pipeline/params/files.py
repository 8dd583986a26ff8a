"""YAML files, or one sentence that says why they cannot be read."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from games.errors import ParamsError

FILE = Path("params.yaml")


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
