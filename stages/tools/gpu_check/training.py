"""How fast adapters are trained: `python -m stages.tools.gpu_check.training NAME`.

A step is forward and backward of one batch, clipping and AdamW: once in float32, and
once as autocast to bfloat16 over frozen bfloat16 weights, with adapters in float32.
Prints a line of JSON for each.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from peft import PeftModel, get_peft_model

from pipeline.params.sections.training import Adapter
from stages.common.cli import run
from stages.common.policy import Policy
from stages.tools.gpu_check.found import (
    Figure,
    measure_peak,
    reset_peak,
    synchronize,
    tell_all,
)
from stages.tools.gpu_check.models import load
from stages.training.labelled import IGNORED
from stages.training.recipe import configure_adapter

_STEPS, _SECONDS = 20, 8.0
"""No more of either is measured."""
_LEARNED = 0.25
"""The part of a row that is learned: its end."""


@dataclass(frozen=True)
class Batch:
    """What a step learns from, and how."""

    rows: int
    length: int
    rank: int
    """Of the adapters."""
    checkpointing: bool
    """Whether activations are computed again, to save memory."""


BATCHES = {
    "small": Batch(rows=32, length=512, rank=32, checkpointing=False),
    "large": Batch(rows=4, length=1024, rank=64, checkpointing=True),
}


def adapt(policy: Policy, batch: Batch) -> PeftModel:
    """Put adapters on all linear layers, as the study's trainers do."""
    adapter = Adapter(enabled=True, rank=batch.rank, alpha=2 * batch.rank)
    config = configure_adapter(adapter)
    assert config is not None, "adapters are enabled"
    model = get_peft_model(policy.model, config)
    if batch.checkpointing:
        policy.model.activation_checkpointing_enable()
        model.enable_input_require_grads()
    return model.train()


def train(policy: Policy, batch: Batch, *, autocast: bool) -> Figure:
    """Train for some steps; return the tokens a second, the first step left out."""
    device = policy.model.device.type
    reset_peak(device)
    model = adapt(policy, batch)
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learned, 1e-4, weight_decay=0.0)
    torch.manual_seed(0)
    size = batch.rows, batch.length
    ids = torch.randint(3, policy.model.config.vocab_size, size, device=device)
    labels = ids.clone()
    labels[:, : round((1 - _LEARNED) * batch.length)] = IGNORED

    def step() -> None:
        with torch.autocast(device, torch.bfloat16, enabled=autocast):
            loss = model(input_ids=ids, labels=labels, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        synchronize(device)

    step()
    start, steps = time.perf_counter(), 0
    while steps < _STEPS and time.perf_counter() - start < _SECONDS:
        step()
        steps += 1
    seconds = time.perf_counter() - start
    rate, way = round(steps * ids.numel() / seconds), "float32"
    if autocast:
        way = "bfloat16, autocast"
    more = {"steps": steps, "seconds": round(seconds, 2)} | measure_peak(device)
    return Figure("training", way, rate, "tok/s", more)


def measure(name: str) -> Iterator[Figure]:
    """Measure one model in both precisions."""
    batch = BATCHES[name]
    what = f"{name}, LoRA {batch.rank}, {batch.rows} x {batch.length}"
    for dtype in ("bfloat16", "float32"):
        row = train(load(name, dtype), batch, autocast=dtype == "bfloat16")
        yield Figure(row.part, f"{what}, {row.what}", row.value, row.unit, row.more)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=BATCHES)
    name = parser.parse_args().name
    tell_all("training", measure(name), f"{name}, LoRA")


if __name__ == "__main__":
    run(main)
