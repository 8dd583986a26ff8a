"""What the trainers share: one recipe, one order of rows, one way to resume.

Rows are laid out in the order of training beforehand, epoch after epoch, and the
trainer reads them from first to last: so a resumed run sees what an undisturbed one
would have seen, whatever random state it starts with. The recipe beside `params.yaml`:
AdamW, linear decay after the warm-up, no weight decay, gradients clipped to norm 1, no
dropout, floats as `stages.training.precision` says; one optimizer step is one batch.

Departures from the paper: float32 AdamW instead of one of 8 bits; adapters on all
linear layers; gradient norm 1 instead of 0.3 and no weight decay; overlong rows
are left out and counted instead of truncated.
"""

import math
import random
import time
from collections.abc import Callable, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pandas as pd
import torch
from peft import LoraConfig, PeftModel
from transformers import (
    PreTrainedModel,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from trl.trainer.utils import pad

from games.errors import StudyError
from pipeline.params.sections.study import Compute
from pipeline.params.sections.training import Adapter
from stages.common.cost import Cost, locate_cost, measure_peak_memory, read_cost
from stages.common.files import DATA, make_whole_file
from stages.common.policy import Policy, locate_policy, save_policy
from stages.common.seeds import derive_seed
from stages.training.checkpoints import Checkpoints
from stages.training.divergence import StopAtDivergence
from stages.training.precision import configure_precision, keep_exact

_COST = "cost.json"
_POOL = 8
"""Batches that are filled by length together: little padding, still mixed games."""


Spent = Callable[[int, int], Cost]
"""(step, later step) -> the tokens of the steps between."""


class Recipe(Protocol):
    """The settings that every training has."""

    @property
    def batch_size(self) -> int:
        """Rows of one optimizer step; in GRPO those of one forward pass."""

    @property
    def learning_rate(self) -> float:
        """After the warm-up."""

    @property
    def warmup_steps(self) -> int:
        """Steps in which the learning rate rises."""

    @property
    def adapter(self) -> Adapter:
        """What is trained: LoRA, or the full weights."""

    @property
    def save_steps(self) -> int:
        """Steps from one checkpoint to the next."""


class FileRecipe(Recipe, Protocol):
    """The settings that every training from a file has."""

    @property
    def epochs(self) -> int:
        """How often each row is learned."""


Settings = TypeVar("Settings", bound=Recipe, covariant=True)


@dataclass(frozen=True)
class Run(Generic[Settings]):
    """One training run: from which policy, how, and into which policy."""

    policy: str
    """The id of the policy it makes, e.g. "sft/sft/0"."""
    start: str
    settings: Settings
    compute: Compute
    seed: int
    key: str
    """Its key in scratch: `stages.common.keys.derive_scratch_key`."""

    @property
    def curve(self) -> Path:
        """Where the training curve goes."""
        return DATA / "curves" / f"{self.policy}.csv"

    @property
    def checkpoints(self) -> Checkpoints:
        """The checkpoints of this very run."""
        return Checkpoints(self.policy, self.key)


def lay_out(
    rows: Sequence[dict[str, Any]], lengths: Sequence[int], run: Run[FileRecipe]
) -> list[dict[str, Any]]:
    """Lay out rows in the order of training, one epoch after another."""
    rng = random.Random(derive_seed(run.seed, "order"))
    settings = run.settings
    order = order_rows(lengths, settings.epochs, settings.batch_size, rng)
    return [rows[index] for index in order]


def order_rows(
    lengths: Sequence[int], epochs: int, batch_size: int, rng: random.Random
) -> list[int]:
    """List indices, batch after batch, each batch of rows of similar length.

    Every epoch has every row once; what does not fill a batch opens the next epoch.
    """
    order: list[int] = []
    waiting: list[int] = []
    for _ in range(epochs):
        waiting += rng.sample(range(len(lengths)), len(lengths))
        whole = len(waiting) - len(waiting) % batch_size
        batches = []
        for start in range(0, whole, _POOL * batch_size):
            pool = waiting[start : min(start + _POOL * batch_size, whole)]
            pool.sort(key=lengths.__getitem__)
            batches += [
                pool[i : i + batch_size] for i in range(0, len(pool), batch_size)
            ]
        rng.shuffle(batches)
        order += [index for batch in batches for index in batch]
        waiting = waiting[whole:]
    return order + waiting


def leave_out_overlong(
    rows: Sequence[dict[str, Any]], lengths: Sequence[int], max_length: int
) -> list[dict[str, Any]]:
    """Leave out rows of more than `max_length` tokens, and print how many those are.

    Raises:
        StudyError: none is that short.
    """
    kept = [
        row for row, length in zip(rows, lengths, strict=True) if length <= max_length
    ]
    if not kept:
        raise StudyError(
            f"all {len(rows)} rows are longer than max_length {max_length} tokens: "
            "raise it in params.yaml"
        )
    left_out = len(rows) - len(kept)
    print(f"{left_out} of {len(rows)} rows left out: over {max_length} tokens")
    return kept


def configure_adapter(adapter: Adapter) -> LoraConfig | None:
    """Configure LoRA; None where the full weights are trained."""
    if not adapter.enabled:
        return None
    return LoraConfig(
        r=adapter.rank,
        lora_alpha=adapter.alpha,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def configure_trainer(
    run: Run[Recipe], checkpoints: Checkpoints, *, on_cpu_at_once: int = 2
) -> dict[str, Any]:
    """Choose the settings that TRL's configurations of all trainers share.

    On a CPU a batch is computed so many rows at once: as fast, in less memory.
    """
    settings, on_cpu = run.settings, run.compute.device == "cpu"
    at_once = settings.batch_size
    if on_cpu:
        at_once = math.gcd(at_once, on_cpu_at_once)
    return {
        "output_dir": str(checkpoints.folder),
        "num_train_epochs": 1,  # the epochs are in the order of the rows
        "train_sampling_strategy": "sequential",
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": settings.batch_size // at_once,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": "linear",
        "warmup_steps": settings.warmup_steps,
        "optim": "adamw_torch",
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "seed": run.seed,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "steps",
        "save_steps": settings.save_steps,
        "save_total_limit": 2,
        **configure_precision(run.compute),
        "use_cpu": on_cpu,
        "dataloader_pin_memory": not on_cpu,
        "activation_checkpointing": not on_cpu,  # memory is scarce there, time here
        "remove_unused_columns": False,
        "report_to": "none",
    }


def pad_rows(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
    """Make one tensor of rows of ids, filled up on the right: (B, T)."""
    return pad([torch.tensor(row) for row in rows], value, padding_side="right")


def finish(
    trainer: Trainer,
    policy: Policy,
    run: Run[Recipe],
    at: Checkpoints,
    columns: Sequence[str],
    spent: Spent,
) -> None:
    """Train, from the last whole checkpoint if there is one; write all that it makes.

    That is the policy, its curve and its cost.

    Args:
        trainer: TRL's, ready to train.
        policy: the one in training.
        run: from which policy, how, into which policy.
        at: its checkpoints.
        columns: of the curve, beside step and loss.
        spent: what the steps from one to another cost, seconds and memory left out.
    """
    last = at.last()
    meter = _Meter(at, last, spent)
    trainer.add_callback(meter)
    trainer.add_callback(StopAtDivergence(run.policy))
    if last is not None:
        assert isinstance(trainer.train_dataset, Sized), "rows are in memory"
        rows, size = len(trainer.train_dataset), run.settings.batch_size
        total = trainer.args.max_steps
        if total < 0:
            total = -(-rows // size)
        print(f"resuming from step {last[0]} of {total}", flush=True)
    assert isinstance(trainer.model, PreTrainedModel | PeftModel)
    keep_exact(trainer.model)
    trainer.train(resume_from_checkpoint=str(last[1]) if last else None)
    policy.model.config.use_cache = True  # the trainer turned it off, play needs it
    write_curve(run.curve, trainer.state.log_history, columns)
    folder = locate_policy(run.policy)
    save_policy(trainer.model, policy.tokenizer, folder, policy.start)
    meter.count(trainer.state.global_step).write(locate_cost(run.policy))
    at.discard()


def count_rows(lengths: Sequence[int], batch_size: int) -> Spent:
    """Count the tokens of steps over rows of these lengths, in their order."""

    def spent(start: int, end: int) -> Cost:
        tokens = sum(lengths[start * batch_size : end * batch_size])
        return Cost(trained_tokens=tokens)

    return spent


def write_curve(
    path: Path, log: Sequence[dict[str, float]], columns: Sequence[str]
) -> None:
    """Write the logged steps as a table, without times, which differ between reruns."""
    steps = [entry for entry in log if "loss" in entry]
    with make_whole_file(path) as temporary:
        table = pd.DataFrame(steps, columns=["step", "loss", *columns])
        table.to_csv(temporary, index=False)


class _Meter(TrainerCallback):
    """Marks a checkpoint as whole once all of it is written, with its cost."""

    def __init__(
        self, at: Checkpoints, last: tuple[int, Path] | None, spent: Spent
    ) -> None:
        self._at, self._spent = at, spent
        self._first = last[0] if last else 0
        self._before = read_cost(last[1] / _COST) if last else Cost()
        self._start = time.monotonic()

    def count(self, step: int) -> Cost:
        """Count the cost of all steps up to this one, earlier runs included."""
        seconds = time.monotonic() - self._start
        now = Cost(seconds=seconds, peak_memory_mb=measure_peak_memory())
        return self._before + self._spent(self._first, step) + now

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        self.count(state.global_step).write(self._at.path(state.global_step) / _COST)
        self._at.mark(state.global_step)


def begin_training(policy: Policy) -> PreTrainedModel:
    """Put a policy's model into its state of training."""
    return policy.model.train()
