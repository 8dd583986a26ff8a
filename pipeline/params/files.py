"""YAML files, or one sentence that says why they cannot be read."""

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from games.errors import ParamsError
from pipeline.params.show import shorten, show

FILE = Path("params.yaml")
_MOST_BYTES = 20_000_000
"""A study of thousands of policies needs far less."""
_CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)


def read_yaml(path: Path) -> Any:
    """Read a file as YAML 1.2, where 1e-05 is a number.

    Raises:
        ParamsError: it cannot be read, in one sentence.
    """
    text = read_text(path)
    try:
        return YAML(typ="safe").load(text)
    except MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        problem = shorten(str(error.problem))
        raise ParamsError(f"{path.name} is not valid YAML: {problem}{line}") from None
    except ReaderError as error:
        number = text.count("\n", 0, error.position) + 1
        odd = show(text[error.position])
        raise ParamsError(
            f"{path.name} is not valid YAML: the character {odd} in line {number} "
            "is not allowed, take it out"
        ) from None
    except RecursionError:
        raise ParamsError(
            f"{path.name} is nested too deeply: write it with fewer brackets"
        ) from None
    except (YAMLError, ValueError, LookupError, TypeError) as error:
        # what its constructors say of dates, numbers and tags
        raise ParamsError(
            f"{path.name} is not valid YAML: {shorten(str(error))}"
        ) from None


def read_text(path: Path) -> str:
    """Read a file of UTF-8 that is no larger than people write, and in no conflict.

    Raises:
        ParamsError: it is none.
    """
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise ParamsError(
                f"{path.name} has more than {_MOST_BYTES // 10**6} MB, which cannot be "
                "meant: restore the file"
            )
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ParamsError(
            f"{path} is missing: run from the root of the project, or restore the file"
        ) from None
    except UnicodeDecodeError as error:
        raise ParamsError(
            f"{path.name} is not UTF-8 (byte {error.start + 1}): save it as UTF-8"
        ) from None
    except OSError as error:
        raise ParamsError(
            f"{path.name} cannot be read ({error.strerror}): mend its permissions, or "
            "restore the file"
        ) from None
    refuse_conflict(path, text)
    return text


def refuse_conflict(path: Path, text: str) -> None:
    """Refuse a text in which git has left both sides of a merge.

    Raises:
        ParamsError: there is such a place.
    """
    if found := _CONFLICT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ParamsError(
            f"{path.name} has a merge conflict in line {line}: choose a side by "
            f"`git checkout --ours {path.name}` (or --theirs), and run again"
        )
