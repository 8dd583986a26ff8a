"""A stand-in for every stage: its outputs are a hash of what dvc.yaml says it reads.

Copied over `stages/` in a temporary study, so that the real graph runs in milliseconds.
Each run is one line in the file that STUB_LOG names. A stage that has started waits as
long as there is a file `wait-<stage>`.
"""

import hashlib
import os
import sys
import time
from pathlib import Path

from ruamel.yaml import YAML


def main(name: str) -> None:
    """Read dependencies and parameters of a stage, and write its outputs."""
    yaml = YAML(typ="safe")
    rule = yaml.load(Path("dvc.yaml"))["stages"][name]
    params = yaml.load(Path("params.yaml"))
    item = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))

    def fill(text: str) -> str:
        for key, value in item.items():
            text = text.replace(f"${{item.{key.removeprefix('--')}}}", value)
        return text if "${" not in text else f"data/{look_up(params, text[7:-1])}"

    with Path(os.environ["STUB_LOG"]).open("a") as log:
        log.write(f"{name}\n")
    deps = [fill(dep) for dep in rule["deps"] if fill(dep).startswith("data/")]
    texts = [str(look_up(params, fill(key))) for key in rule["params"]]
    while Path(f"wait-{name}").exists():
        time.sleep(0.05)
    digest = hashlib.sha256("\n".join(texts).encode())
    for path in sorted(file for dep in deps for file in files(Path(dep))):
        digest.update(path.read_bytes())
    for kind in ("outs", "metrics", "plots"):
        for entry in rule.get(kind, []):
            out = Path(fill(entry if isinstance(entry, str) else next(iter(entry))))
            write(out, digest.hexdigest())


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
