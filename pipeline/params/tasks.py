"""Benchmarks that params.yaml names: whether they are there, and can be run here.

A task of lm-eval is a YAML file that may name Python functions beside it. Lm-eval
itself is asked only before a name is called unknown.
"""

import re
from pathlib import Path

from games.errors import ParamsError
from pipeline.params.missing import find_missing
from pipeline.params.schema import say_unknown
from pipeline.params.sections.benchmarks import Benchmarks, confirm_folders
from pipeline.params.task_files import (
    expand_name,
    find_lm_eval,
    is_known_to_lm_eval,
    parse_task,
)

OWN = Path(__file__).parents[2] / "stages/benchmarks/tasks"
"""Where the project's own tasks are."""
_MOST = "most_items"
"""What the metadata of our own tasks says of them."""
_FUNCTION = re.compile(rb"!function\s+([\w./-]+)\.\w+")
_INCLUDE = re.compile(rb"^include:\s*[\"']?([\w./-]+)", re.MULTILINE)


def check_tasks(settings: Benchmarks) -> list[str]:
    """Refuse benchmarks that do not exist, or lack a package here.

    What comes back are the data sets that they need.

    Raises:
        ParamsError: there is no such task, it is named twice by way of a group, it
            needs what is not installed, or a folder of tasks is not as it is pinned.
    """
    folders = confirm_folders(settings)
    owners: dict[str, str] = {}
    datasets: dict[str, None] = {}
    for name in settings.names:
        for task in _list_files(name, folders):
            datasets |= dict.fromkeys(_check_task(name, task, settings.items))
            owner = owners.setdefault(str(task), name)
            if owner != name:
                known = parse_task(task.read_bytes()).get("task", task.stem)
                raise ParamsError(
                    f"benchmarks.tasks: '{known}' is both in '{owner}' and in "
                    f"'{name}', and would count twice: take one of them out"
                )
    return list(datasets)


def _list_files(name: str, folders: list[Path]) -> list[Path]:
    """List the YAML files of the tasks that a name stands for."""
    own = {f"own_{path.stem}": path for path in sorted(OWN.glob("[!_]*.yaml"))}
    if name == "own":
        return list(own.values())
    if name in own:
        return [own[name]]
    found = expand_name(name, [find_lm_eval(), *folders])
    if not found and not is_known_to_lm_eval(name):
        hint = say_unknown("task", name, ["own", *own])
        raise ParamsError(
            f"benchmarks.tasks: {hint}; `lm-eval ls tasks` shows lm-eval's, and "
            "benchmarks.folders adds yours"
        )
    return found


def _check_task(name: str, path: Path, items: int) -> list[str]:
    """Refuse a task that this machine cannot run, or that has too few items.

    What comes back are the data sets that it needs.
    """
    text = path.read_bytes()
    if path.parent == OWN and items > (most := parse_task(text)["metadata"][_MOST]):
        raise ParamsError(
            f"benchmarks.items: own_{path.stem} has {most} different items, not "
            f"{items}: ask for at most as many"
        )
    files = [path]  # its own words before those that it includes
    for include in _INCLUDE.findall(text):
        files.append(path.parent / include.decode())
    texts = [file.read_bytes() for file in files if file.is_file()]
    modules = {one.decode() for text in texts for one in _FUNCTION.findall(text)}
    starts = [path.parent / f"{one.replace('.', '/')}.py" for one in modules]
    if missing := find_missing(starts, find_lm_eval().parent):
        raise ParamsError(
            f"benchmarks.tasks: '{name}' needs the package {missing}, which is not "
            f"installed: `pip install {missing}`, or take the task out"
        )
    named = [parse_task(text).get("dataset_path") for text in texts]
    return [one for one in named if isinstance(one, str)][:1]
