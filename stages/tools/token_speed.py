"""What this machine does in a second, with the base policy and one thread.

`python -m stages.tools.token_speed` prints prompt, sampled and trained tokens a second
in float32, and prompt tokens in bfloat16 (a CPU without instructions for it is many
times slower), and keeps them in docs/speed.json: the token budgets in params.yaml
are made from them. Not a stage: no artifact depends on how fast it was.
"""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from peft import get_peft_model
from transformers import PreTrainedModel

from pipeline.params.read import load_params
from stages.common.cli import run
from stages.common.files import write_json
from stages.common.policy import load_policy, locate_policy
from stages.engines.backend import Request
from stages.engines.local.engine import Engine
from stages.training.labelled import IGNORED
from stages.training.prefix import share_prefixes
from stages.training.recipe import configure_adapter

FILE = Path("docs/speed.json")
ROWS, LENGTH, NEW = 64, 100, 12


def measure_speed(work: Callable[[], int]) -> float:
    """Measure how many tokens a second `work` handles, after one call to warm up."""
    work()
    start = time.perf_counter()
    return work() / (time.perf_counter() - start)


def measure(dtype: str) -> dict[str, float]:
    """Measure the base policy in one precision; all but prompts only in float32."""
    params = load_params()
    policy = load_policy(locate_policy("base"), params.compute, dtype=dtype)
    torch.manual_seed(0)
    ids = torch.randint(1000, 40000, (ROWS, LENGTH)).tolist()
    model, end = policy.model, policy.chat.end_of_turn

    def sample(rows: int, new: int) -> tuple[int, int]:
        engine = Engine(model, end, temperature=1.0)
        engine.sample([Request(n, ids[n], n, new) for n in range(rows)])
        return engine.tokens.prompt - engine.tokens.cached, engine.tokens.sampled

    def prompt_only() -> int:
        return sample(8, 1)[0]

    prompt = measure_speed(prompt_only)
    if dtype != "float32":
        return {"prompt": round(prompt, 1)}
    start = time.perf_counter()
    prefilled, sampled = sample(ROWS, NEW)
    seconds = time.perf_counter() - start - prefilled / prompt
    speeds = {
        "prompt": prompt,
        "sampled": sampled / seconds,
        "trained": measure_speed(_prepare_training(policy.model)),
    }
    return {name: round(speed, 1) for name, speed in speeds.items()}


def _prepare_training(model: PreTrainedModel) -> Callable[[], int]:
    """Prepare a step of training the SFT adapters on 8 rows of 128 tokens.

    As `stages.training.supervised` does it: scores of labelled tokens only, here a
    quarter, gradients clipped, one step of AdamW.
    """
    settings = load_params().sft.common
    share_prefixes(model)
    adapter = configure_adapter(settings.adapter)
    learner = model if adapter is None else get_peft_model(model, adapter)
    learner.train()
    learned = [weight for weight in learner.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learned, settings.learning_rate, weight_decay=0.0)
    ids = torch.randint(1000, 40000, (8, 128))
    labels = ids.clone()
    labels[:, :96] = IGNORED

    def step() -> int:
        scores = learner(input_ids=ids, labels=labels, fused_lm_head=True)
        loss = -scores.log_probs.sum() / scores.label_mask.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return ids.numel()

    return step


def main() -> None:
    """Measure, print and keep."""
    speeds = {dtype: measure(dtype) for dtype in ("float32", "bfloat16")}
    for dtype, values in speeds.items():
        print(dtype, ", ".join(f"{v:.0f} {k} tokens/s" for k, v in values.items()))
    write_json(FILE, speeds)


if __name__ == "__main__":
    run(main)
