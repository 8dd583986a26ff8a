"""A stand-in for every stage: its outputs are a hash of what dvc.yaml says it reads.

Copied over `stages/` in a temporary study, so that the real graph runs in milliseconds.
Each run is one line in the file that STUB_LOG names. A stage that has started waits as
long as there is a file `wait-<stage>`.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from games.code import hash_code
from pipeline.params.packages import list_versions


def write_packages(params: dict) -> None:
    """Write the versions that are installed."""
    write_known("packages/versions.json", list_versions())


def write_code(params: dict, part: str) -> None:
    """Write the code of the games of a part."""
    for name, bridges in ((part, False), (f"{part}-bridges", True)):
        code = hash_code(params["games"][part], Path.cwd(), bridges=bridges)
        write_known(f"games/{name}.json", code)


def write_known(name: str, value: dict[str, str]) -> None:
    """Write a file below data/ as the real stages do."""
    path = Path("data", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")


REAL = {"packages": write_packages, "games": write_code}
"""Stages whose output both drivers foretell: they write what the real ones write."""


def main(name: str) -> None:
    """Read dependencies and parameters of a stage, and write its outputs."""
    yaml = YAML(typ="safe")
    rule = yaml.load(Path("dvc.yaml"))["stages"][name]
    params = yaml.load(Path("params.yaml")) | yaml.load(Path("pipeline/plan.yaml"))
    item = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    places = {f"item.{key.removeprefix('--')}": value for key, value in item.items()}
    if isinstance(rule.get("foreach"), str):
        rule = rule["do"]
    elif "foreach" in rule:
        (places["key"],) = item.values()
        found = rule["foreach"][places["key"]]
        places |= {f"item.{key}": value for key, value in found.items()}
        rule = rule["do"]

    def fill(text: str) -> str:
        for key, value in places.items():
            text = text.replace(f"${{{key}}}", value)
        return text if "${" not in text else f"data/{look_up(params, text[7:-1])}"

    with Path(os.environ["STUB_LOG"]).open("a") as log:
        log.write(f"{name}\n")
    deps = [fill(dep) for dep in rule["deps"] if fill(dep).startswith("data/")]
    texts = [str(value) for value in values(rule.get("params", []), params, fill)]
    while Path(f"wait-{name}").exists():
        time.sleep(0.05)
    if name in REAL:
        REAL[name](params, **{key.removeprefix("--"): v for key, v in item.items()})
        return
    digest = hashlib.sha256("\n".join(texts).encode())
    # an edited bridge to clembench changes no instance that a game generates
    deps = [dep for dep in deps if not dep.endswith("-bridges.json")]
    for path in sorted(file for dep in deps for file in files(Path(dep))):
        digest.update(path.read_bytes())
    for kind in ("outs", "metrics", "plots"):
        for entry in rule.get(kind, []):
            out = Path(fill(entry if isinstance(entry, str) else next(iter(entry))))
            write(out, digest.hexdigest())


def values(
    listed: list[Any], params: dict, fill: Callable[[str], str]
) -> Iterator[object]:
    """Yield the values of the parameters that a stage reads."""
    for one in listed:
        if isinstance(one, str):
            yield look_up(params, fill(one))
        else:
            for file, keys in one.items():
                known = json.loads(Path(file).read_text())
                yield from (known[key] for key in keys)


def look_up(params: dict, key: str) -> object:
    """Return the value of a dotted key."""
    for part in key.split("."):
        params = params[part]
    return params


def files(path: Path) -> list[Path]:
    """Return a file, or the files in a folder."""
    return [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]


def write(out: Path, text: str) -> None:
    """Write one output, in the format that its name asks for."""
    out.parent.mkdir(parents=True, exist_ok=True)
    number = int(text[:6], 16)
    match out.suffix:
        case "":
            out.mkdir()
            (out / "model.safetensors").write_text(text)
        case ".json":
            out.write_text(f'{{"clemscore": {number}}}\n')
        case ".csv":
            out.write_text(f"step,loss,reward,policy,clemscore\n1,{number},0,a,1\n")
        case _:
            out.write_text(text)
