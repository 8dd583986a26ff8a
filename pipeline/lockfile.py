"""dvc.lock, read and written as a study of a thousand policies needs it.

DVC parses the file in Python, and to record one stage parses and writes all of it:
minutes a job for ten megabytes, and one job at a time. Here a job reads and writes the
lines of its own stage, and whoever needs all stages has them parsed by libyaml. The
file is the same, byte for byte. Where it is not as DVC writes it, DVC's way is taken.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import yaml
from dvc.dvcfile import Lockfile
from dvc.stage import PipelineStage
from dvc.stage.serialize import to_lockfile
from dvc.utils.serialize import YAMLFileCorruptedError, dumps_yaml, parse_yaml
from dvc.utils.strictyaml import YAMLValidationError
from ruamel.yaml.resolver import implicit_resolvers

HEAD = "schema: '2.0'\nstages:\n"
"""What comes before the first stage."""
NONE = "schema: '2.0'\nstages: {}\n"
"""A file that knows no stage."""
NEXT = re.compile(r"^  (?!: )\S", re.MULTILINE)
"""The start of a stage: two spaces and its name."""

Content = tuple[Any, str]
"""A file as DVC hands it over: parsed, and its text."""


class Loader(yaml.CSafeLoader):
    """Libyaml's parser for the YAML 1.2 of DVC: 1e-05 is a number, and `on` a text."""

    # typeshed declares for each instance what PyYAML keeps with the class
    yaml_implicit_resolvers: ClassVar[  # type: ignore[misc]
        dict[str, list[tuple[str, re.Pattern[str]]]]
    ] = {}

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Read a whole number; zeros in front of it mean nothing."""
        text = self.construct_scalar(node).replace("_", "")
        return int(text, 10 if text.lstrip("+-").isdecimal() else 0)


for _versions, _tag, _pattern, _starts in implicit_resolvers:
    if (1, 2) in _versions:
        Loader.add_implicit_resolver(_tag, _pattern, _starts)
Loader.add_constructor("tag:yaml.org,2002:int", Loader.construct_yaml_int)


@contextmanager
def parse_lock_quickly() -> Iterator[None]:
    """Make DVC have dvc.lock parsed by libyaml in this context."""

    def parse(text: str) -> Any:
        try:
            return yaml.load(text, Loader)
        except yaml.YAMLError:
            return None

    with patch.object(Lockfile, "_load_yaml", _reader(parse)):
        yield


@contextmanager
def keep_to_one_stage(name: str) -> Iterator[None]:
    """Make DVC read and write one stage of dvc.lock, not all, in this context."""

    def parse(text: str) -> Any:
        lines = _find(text, name)
        if lines is None:
            return None
        return parse_yaml((HEAD + text[lines]) if text[lines] else NONE, "dvc.lock")

    with (
        patch.object(Lockfile, "_load_yaml", _reader(parse)),
        patch.object(Lockfile, "dump_stages", _writer()),
    ):
        yield


def _reader(parse: Callable[[str], Any]) -> Callable[..., Content]:
    """Let a function parse dvc.lock, and DVC itself where that makes no sense of it."""
    load = Lockfile._load_yaml

    def load_yaml(file: Lockfile, **kwargs: Any) -> Content:
        text = Path(file.path).read_text(encoding="utf-8")
        try:
            content = parse(text)
            if content and not kwargs:
                return file.validate(content), text
        except (YAMLFileCorruptedError, YAMLValidationError):
            pass
        return load(file, **kwargs)

    return load_yaml


def _writer() -> Callable[..., None]:
    """Let the lines of a stage be replaced, or DVC write all if they are not found."""
    dump_all = Lockfile.dump_stages

    def dump(file: Lockfile, stages: list[PipelineStage], **kwargs: Any) -> None:
        path = Path(file.path)
        old = new = path.read_text(encoding="utf-8") if path.exists() else ""
        for stage in stages:
            new = new and replace_stage(new, to_lockfile(stage, **kwargs))
        if not new:
            dump_all(file, stages, **kwargs)
        elif new != old:
            # whole or not at all: a job may be killed at any time
            temporary = path.with_suffix(".lock.tmp")
            temporary.write_text(new, encoding="utf-8")
            temporary.replace(path)
            file.repo.scm_context.track_file(file.relpath)

    return dump


def replace_stage(text: str, entry: dict[str, Any]) -> str:
    """Put what DVC has to say of a stage into the text of dvc.lock, a new one last.

    The text that comes back is empty if this one is not as DVC writes it.
    """
    (name,) = entry
    lines = _find(text, name)
    if lines is None:
        return ""
    return text[: lines.start] + _write(entry) + text[lines.stop :]


def _find(text: str, name: str) -> slice | None:
    """Find the lines of a stage in the text of dvc.lock: empty, at the end, if new."""
    if not text.startswith(HEAD + "  ") or not text.endswith("\n"):
        return None
    if re.search(r"^\S", text[len(HEAD) :], re.MULTILINE):
        return None  # more sections, or the marks of a merge
    first_line = _write({name: {"cmd": ""}}).splitlines()[0]
    start = re.search(f"^{re.escape(first_line)}$", text, re.MULTILINE)
    if not start:
        return slice(len(text), len(text))
    end = NEXT.search(text, start.end())
    return slice(start.start(), end.start() if end else len(text))


def _write(stages: dict[str, Any]) -> str:
    """Write stages as DVC does."""
    return dumps_yaml({"schema": "2.0", "stages": stages}).removeprefix(HEAD)
