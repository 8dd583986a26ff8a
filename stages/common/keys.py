"""Keys of scratch folders: what DVC would hash of a stage, in one short name.

Half-done work (checkpoints, shards) lies in a folder named by the key of its stage. The
key is made from the stage's own entry in dvc.yaml: its command, the contents of all
that it depends on, and the values of the parameters that it reads. So half-done work
never outlives a change that DVC sees.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from games.errors import ParamsError
from pipeline.params.files import read_yaml
from pipeline.params.pins import fingerprint

ROOT = Path(__file__).parents[2]
"""The project's folder: dvc.yaml and code. Data and params.yaml are found from the
working directory, as in every stage."""
_PLACE = re.compile(r"\$\{([^}]+)\}")

Item = Mapping[str, object]
"""What fills the places of a stage, e.g. {"variant": "sft", "seed": "0"}."""


def derive_scratch_key(stage: str, item: Item = {}, *, also: object = None) -> str:  # noqa: B006
    """Hash all that decides the output of a stage.

    Args:
        stage: its name in dvc.yaml, e.g. "sft".
        item: of a stage for each policy, what its command names.
        also: what the layout of the half-done work depends on besides.

    Raises:
        ParamsError: dvc.yaml or params.yaml is missing or has no such key.
    """
    entry = read_yaml(ROOT / "dvc.yaml")["stages"][stage]
    entry = entry.get("do", entry)
    params = read_yaml(Path("params.yaml"))
    filled = {f"item.{key}": value for key, value in item.items()}
    parts = [_fill(entry["cmd"], filled, params), repr(also)]
    for dep in entry.get("deps", []):
        path = _fill(dep, filled, params)
        parts.append(f"{path} {fingerprint(_locate(path))}")
    for file, key in _list_params(entry):
        source = params if file == "params.yaml" else read_yaml(Path(file))
        key = _fill(key, filled, params)
        parts.append(f"{file}:{key} {json.dumps(look_up(source, key), sort_keys=True)}")
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def look_up(params: Any, key: str) -> Any:
    """Find the value of a dotted key.

    Raises:
        ParamsError: there is none.
    """
    for part in key.split("."):
        if not isinstance(params, Mapping) or part not in params:
            raise ParamsError(f"params.yaml has no key {key}: restore it and run again")
        params = params[part]
    return params


def _fill(text: str, filled: Item, params: Any) -> str:
    """Put values in the places of a text of dvc.yaml, as DVC does."""
    return _PLACE.sub(
        lambda m: str(filled[m[1]] if m[1] in filled else look_up(params, m[1])), text
    )


def _locate(path: str) -> Path:
    return Path(path) if path.startswith("data/") else ROOT / path


def _list_params(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (file, key) of every parameter that a stage reads."""
    for one in entry.get("params", []):
        if isinstance(one, str):
            yield "params.yaml", one
        else:
            yield from ((file, key) for file, keys in one.items() for key in keys)
