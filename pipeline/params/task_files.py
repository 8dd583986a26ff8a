"""The YAML files of lm-eval's tasks: found and parsed without lm-eval.

Lm-eval takes ten seconds to read its 14,000 files. Here only files that mention a name
are parsed, and the Python that they name is not run.
"""

import logging
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from games.errors import ParamsError


class _Loader(yaml.CSafeLoader):
    """Reads a task's YAML, whatever Python it names."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


def find_lm_eval() -> Path:
    """Find the folder of lm-eval's own tasks.

    Raises:
        ParamsError: lm-eval is not installed.
    """
    spec = find_spec("lm_eval")
    if spec is None or spec.origin is None:
        raise ParamsError(
            "benchmarks.tasks: lm_eval is not installed: run `make setup`"
        )
    return Path(spec.origin).parent / "tasks"


def expand_name(
    name: str, places: list[Path], above: frozenset[str] = frozenset()
) -> list[Path]:
    """List the files of a task, or of all tasks that a group or a tag consists of.

    Args:
        name: of the task, group or tag.
        places: folders of tasks, lm-eval's first; who comes later overrides.
        above: groups that this one is in.

    Raises:
        ParamsError: a user's group consists of what is nowhere.
    """
    found: list[Path] = []
    for path, config in _find_configs(name, places):
        if config.get("group") == name:
            for member in _list_members(config):
                if member in above | {name}:
                    continue
                inside = expand_name(member, places, above | {name})
                if not inside and places[0] not in path.parents:
                    raise ParamsError(
                        f"{path}: the group '{name}' has a task '{member}', which is "
                        "nowhere: mend its name"
                    )
                found += inside
        else:
            found.append(path)
    return found


def _list_members(config: Any) -> Iterator[str]:
    """Yield the names that a group lists, bare or with settings of their own."""
    members = config.get("task") or []
    for one in members if isinstance(members, list) else [members]:
        if isinstance(one, dict):
            yield from _list_members(one)
        elif isinstance(one, str):
            yield one


def _find_configs(
    name: str, places: Iterable[Path]
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the files that define a task or a group, or tasks of a tag."""
    for place in reversed(list(places)):  # who comes later overrides
        named = False
        for path, text in read_all(place).items():
            if name.encode() not in text:
                continue
            config = parse_task(text)
            tags = config.get("tag") or []
            if name in (config.get("group"), config.get("task")) or name in (
                tags if isinstance(tags, list) else [tags]
            ):
                named = True
                yield path, config
        if named:
            return


@cache
def parse_task(text: bytes) -> dict[str, Any]:
    """Parse a task's file; a file that is none has no keys."""
    try:
        config = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError):
        return {}  # lm-eval passes over it too
    return config if isinstance(config, dict) else {}


@cache
def read_all(place: Path) -> dict[Path, bytes]:
    """Read every YAML file of a folder."""
    return {path: path.read_bytes() for path in sorted(place.rglob("*.yaml"))}


def is_known_to_lm_eval(name: str) -> bool:
    """Ask lm-eval itself, which knows tags that a file includes from another one."""
    from lm_eval.tasks import TaskManager

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    return name in TaskManager().all_tasks
