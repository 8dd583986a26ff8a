"""lm-eval as a library: one task at a time, one row an item.

Tasks that compare continuations see bare text: a chat template around "The capital of
France is" would turn a completion into a question, and the answer's first token would
compete with "The".  Tasks that ask for a reply go through the policy's own chat
template, as in play.  Decoding is greedy unless a hub task says otherwise.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lm_eval
from lm_eval.api.model import LM
from lm_eval.api.task import Task
from lm_eval.tasks import TaskManager
from requests.exceptions import RequestException
from transformers import set_seed

from games.errors import ArtifactError, ParamsError

OWN = ("own_grammar", "own_kinds", "own_facts", "own_numbers", "own_instructions")
TASKS = Path(__file__).parent / "tasks"


@dataclass(frozen=True)
class TaskResult:
    """One task, item by item."""

    task: str
    chance: float
    """What a guess is expected to get; 0 where a reply is written."""
    correct: list[float]


def load_tasks(names: str | list[str], *, items: int, seed: int) -> dict[str, Task]:
    """Load tasks by their names: our own, or hub tasks (groups expanded).

    Raises:
        ParamsError: lm-eval knows no task of that name.
        ArtifactError: a hub task's data cannot be had.

    """
    own = names == "own"
    with silence():
        manager = TaskManager(
            include_path=TASKS,
            include_defaults=not own,
            metadata={"items": items, "seed": seed} if own else None,
        )
        loaded: dict[str, Task] = {}
        for name in OWN if own else names:
            loaded |= _load(manager, name)
    return loaded


def _load(manager: TaskManager, name: str) -> dict[str, Task]:
    if name not in manager.all_tasks:
        raise ParamsError(
            f"benchmarks.tasks: lm-eval has no task '{name}': choose one that "
            "`lm-eval ls tasks` shows, or write `own`"
        )
    try:
        return manager.load([name])["tasks"]
    except (OSError, RequestException) as error:
        raise ArtifactError(
            f"the data of '{name}' cannot be had from the hub: connect to "
            "the network, fill the cache of `datasets`, or set benchmarks.tasks to own"
        ) from error


def run_task(lm: LM, name: str, task: Task, *, seed: int) -> TaskResult:
    """Evaluate one task.

    `lm_eval.simple_evaluate` would do the same, but each call reads the 13 000 task
    files anew, and asks git, pip and lscpu about the machine.

    Raises:
        ParamsError: the task does not score its items one by one.
        ArtifactError: its scores are no accuracies.

    """
    set_seed(seed % 2**32)
    task.set_fewshot_seed(seed)
    if task.get_config("num_fewshot") is None:
        task.set_config(key="num_fewshot", value=0)
    with silence():
        results = lm_eval.evaluate(
            lm=lm,
            task_dict={"tasks": {name: task}, "groups": {}, "group_map": {}},
            apply_chat_template=task.get_config("output_type") == "generate_until",
            bootstrap_iters=0,
        )
    samples = _keep_first_filter(results["samples"][name])
    metric = samples[0]["metrics"][0]
    values = [sample[metric] for sample in samples]
    if not all(isinstance(value, int | float) for value in values):
        raise ParamsError(
            f"benchmarks.tasks: '{name}' does not score single items ({metric}): "
            "choose a task with an accuracy"
        )
    if not all(0 <= value <= 1 for value in values):
        raise ArtifactError(
            f"'{name}' scored an item outside 0..1 ({metric}), which is no accuracy: "
            "take it out of benchmarks.tasks"
        )
    return TaskResult(
        name, _compute_chance(task, samples), [float(value) for value in values]
    )


def _keep_first_filter(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep one sample an item: lm-eval repeats the items for each answer filter."""
    first = samples[0]["filter"]
    kept = [sample for sample in samples if sample["filter"] == first]
    return sorted(kept, key=lambda sample: sample["doc_id"])


def _compute_chance(task: Task, samples: list[dict[str, Any]]) -> float:
    if task.get_config("output_type") != "multiple_choice":
        return 0.0
    return sum(1 / len(sample["resps"]) for sample in samples) / len(samples)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Silence lm-eval's log, its progress bars and all warnings; errors pass."""
    logger = logging.getLogger("lm_eval")
    level = logger.level
    logger.setLevel(logging.ERROR)
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        logger.setLevel(level)
