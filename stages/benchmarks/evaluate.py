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
from collections import Counter
from collections.abc import Iterator, Sequence, Set
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
from pipeline.params.show import shorten

OWN = ("own_grammar", "own_kinds", "own_facts", "own_numbers", "own_instructions")
TASKS = Path(__file__).parent / "tasks"


@dataclass(frozen=True)
class TaskResult:
    """One task, item by item."""

    task: str
    chance: float
    """What a guess is expected to get; 0 where a reply is written."""
    correct: list[float]


def load_benchmarks(
    names: Sequence[str], *, items: int, seed: int, folders: Sequence[Path] = ()
) -> dict[str, dict[str, Task]]:
    """Load the tasks of each benchmark: our own, lm-eval's, or those of some folders.

    A group or a tag of lm-eval is one benchmark of several tasks; `own` stands for all
    of our own tasks, each a benchmark.

    Raises:
        ParamsError: nobody knows a task of that name, or one counts twice.
        ArtifactError: a hub task's data cannot be had.

    """
    wanted = [one for name in names for one in (OWN if name == "own" else (name,))]
    loaded: dict[str, dict[str, Task]] = {}
    with silence():
        # apart, as only our own are told how many items to make
        ours = TaskManager(
            include_path=TASKS,
            include_defaults=False,
            metadata={"items": items, "seed": seed},
        )
        others = set(wanted) - set(OWN)
        theirs = _find_others(others, folders) if others else ours
        for name in wanted:
            loaded[name] = _load(ours if name in OWN else theirs, name)
    counts = Counter(task for tasks in loaded.values() for task in tasks)
    twice = [name for name in (*counts, *wanted) if counts[name] > 1]
    if twice or len(loaded) < len(wanted):
        raise ParamsError(
            "benchmarks.tasks: a task counts twice, by itself and in a group: take "
            f"{' or '.join(twice) or 'it'} out"
        )
    return loaded


def _find_others(names: Set[str], folders: Sequence[Path]) -> TaskManager:
    """Find the tasks of some folders, and lm-eval's unless these are enough.

    A user's group may consist of lm-eval's tasks.
    """
    mine = TaskManager(include_path=list(folders), include_defaults=False)
    if names <= {*mine.all_subtasks, *mine.all_tags}:
        return mine
    return TaskManager(include_path=list(folders))


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
    except (LookupError, ValueError, TypeError, ImportError, AttributeError) as error:
        raise ParamsError(
            f"benchmarks.tasks: '{name}' cannot be loaded ({shorten(repr(error))}): "
            "mend its files, or take it out"
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
