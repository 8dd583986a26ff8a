"""Evaluate one policy on lm-eval tasks.

Run `python -m stages.benchmarks --policy sft/sft/0`.  Writes samples.parquet (one row
an item) and scores.json into data/benchmarks/POLICY.

Departs from the paper: its benchmarks (MMLU-Pro, IFEval, ...) are named by a list of
lm-eval tasks in params.yaml; `own` is a small suite whose items the project makes, so
that it runs without a network and shows a loss of skill in a small model. Averages are
over the names in params.yaml: MMLU-Pro is one of them, not fourteen.
"""

import argparse
from pathlib import Path
from statistics import fmean

import pyarrow as pa
import pyarrow.parquet as pq
from lm_eval.models.huggingface import HFLM
from transformers import GenerationConfig

from pipeline.params.part import load_part
from pipeline.params.schema import Section, Whole
from pipeline.params.sections.benchmarks import Benchmarks, confirm_folders
from pipeline.params.sections.study import Compute
from stages.benchmarks.evaluate import (
    TaskResult,
    load_benchmarks,
    run_task,
    silence,
)
from stages.common.cli import run
from stages.common.files import DATA, make_whole_file, write_json
from stages.common.policy import Policy, load_policy, locate_policy

SCHEMA = pa.schema(
    [
        ("benchmark", pa.string()),
        ("task", pa.string()),
        ("item", pa.int32()),
        ("correct", pa.float64()),
    ]
)


Results = dict[str, list[TaskResult]]
"""Of each benchmark, the results of its tasks."""


class BenchmarksParams(Section):
    """What this stage reads of params.yaml."""

    seed: Whole
    compute: Compute
    benchmarks: Benchmarks


def main() -> None:
    """Evaluate the policy that the command line names."""
    parser = argparse.ArgumentParser(description="Evaluate one policy on lm-eval tasks")
    parser.add_argument("--policy", required=True, help="its folder under data/")
    policy_id = parser.parse_args().policy
    results = evaluate(policy_id, load_part(BenchmarksParams))
    write_results(DATA / "benchmarks" / policy_id, results)


def evaluate(policy_id: str, params: BenchmarksParams) -> Results:
    """Run every task, one progress line each."""
    settings = params.benchmarks
    benchmarks = load_benchmarks(
        settings.names,
        items=settings.items,
        seed=params.seed,
        folders=confirm_folders(settings),
    )
    loaded = load_policy(locate_policy(policy_id), params.compute)
    decode_as_told(loaded)
    with silence():
        lm = HFLM(
            pretrained=loaded.model,
            tokenizer=loaded.tokenizer,
            batch_size=settings.batch_size,
            device=params.compute.device,
        )
    results: Results = {}
    for benchmark, tasks in benchmarks.items():
        results[benchmark] = []
        for name, task in tasks.items():
            result = run_task(lm, name, task, seed=params.seed)
            results[benchmark].append(result)
            print(
                f"{policy_id}: {name} {fmean(result.correct):.3f} "
                f"(chance {result.chance:.3f}, {len(result.correct)} items)",
                flush=True,
            )
    return results


def decode_as_told(policy: Policy) -> None:
    """Let a model generate as it is asked, and end where it ends in play.

    Many come with habits of their own (sampling, penalties for what was said before),
    which would go on unseen under every setting that a task does not name.
    """
    policy.model.generation_config = GenerationConfig(
        eos_token_id=sorted(policy.chat.ends),
        pad_token_id=policy.tokenizer.pad_token_id,
    )


def write_results(folder: Path, results: Results) -> None:
    """Write the items, and the scores of tasks and of benchmarks.

    The items of a benchmark count alike, whichever of its tasks they are of.
    """
    rows = [
        {"benchmark": benchmark, "task": task.task, "item": item, "correct": correct}
        for benchmark, tasks in results.items()
        for task in tasks
        for item, correct in enumerate(task.correct)
    ]
    with make_whole_file(folder / "samples.parquet") as temporary:
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), temporary)
    means = [
        fmean(correct for task in tasks for correct in task.correct)
        for tasks in results.values()
    ]
    scores = {
        "benchmarks": {name: sum_up(tasks) for name, tasks in results.items()},
        "tasks": {
            task.task: sum_up([task]) for tasks in results.values() for task in tasks
        },
        "mean_accuracy": round(fmean(means), 4),
    }
    write_json(folder / "scores.json", scores)


def sum_up(tasks: list[TaskResult]) -> dict[str, float]:
    """Sum up the items of some tasks."""
    correct = [one for task in tasks for one in task.correct]
    chance = sum(task.chance * len(task.correct) for task in tasks) / len(correct)
    return {
        "accuracy": round(fmean(correct), 4),
        "chance": round(chance, 4),
        "items": len(correct),
    }


if __name__ == "__main__":
    run(main)
