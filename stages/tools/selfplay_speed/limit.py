"""What binds our engine: `python -m stages.tools.selfplay_speed.limit [--dtype D]`.

Plays the same episodes under PyTorch's profiler: where the time goes, how fast
the linear layers multiply, and how fast the same layers multiply here at best, in
batches as large as one likes. What is left between the two is all that a better
scheduler could still gain in them.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile
from transformers import PreTrainedModel

from pipeline.params.read import load_params
from stages.common.cli import run
from stages.common.files import write_json
from stages.common.policy import Policy, load_policy, locate_policy
from stages.engines.local.engine import Engine
from stages.engines.local.linear import PackedLinears
from stages.tools.selfplay_speed.relay import make_relay_instances
from stages.tools.selfplay_speed.workload import FILE, play_relay

_LINEAR = ("mkldnn::_linear_pointwise", "aten::addmm", "aten::mm")
_ATTENTION = ("aten::bmm", "aten::_scaled_dot_product_flash_attention_for_cpu")
_LARGE, _TIMES = 1024, 3


@dataclass(frozen=True)
class Limit:
    """Shares of the time under the profiler, and rates of the linear layers."""

    linear_share: float
    attention_share: float
    """Products of queries, keys and values alone."""
    ids: int
    """That went through the model, of prompts and replies."""
    gflop_per_second: float
    """Of the linear layers while playing."""
    most_gflop_per_second: float
    """Of the same layers in batches of 1,024 ids."""


def measure_limit(policy: Policy, batch_size: int) -> Limit:
    """Play under the profiler; on a CPU."""
    engine = Engine(policy.model, policy.chat.ends, temperature=1.0)
    instances = make_relay_instances(batch_size)
    with profile(activities=[ProfilerActivity.CPU], acc_events=True) as profiled:
        speed, _ = play_relay(engine, policy.chat, instances, batch_size)
    spent = {event.key: event.self_cpu_time_total for event in profiled.key_averages()}
    linear = sum(spent.get(name, 0) for name in _LINEAR) / 1e6
    attention = sum(spent.get(name, 0) for name in _ATTENTION) / 1e6
    computed = engine.tokens.prompt - engine.tokens.cached
    sampled = engine.tokens.sampled
    inner, head = _count_flop(policy.model)
    flop = (computed + sampled) * inner + sampled * head
    return Limit(
        linear_share=round(linear / speed.seconds, 3),
        attention_share=round(attention / speed.seconds, 3),
        ids=computed + sampled,
        gflop_per_second=round(flop / linear / 1e9, 1),
        most_gflop_per_second=round(_find_most(policy.model) / 1e9, 1),
    )


def _split(model: PreTrainedModel) -> tuple[list[nn.Linear], nn.Linear]:
    """Find the linear layers of a model: all but the last, and the last."""
    head = model.get_output_embeddings()
    assert isinstance(head, nn.Linear), "a causal model ends in a linear layer"
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    return [layer for layer in layers if layer is not head], head


def _count_flop(model: PreTrainedModel) -> tuple[int, int]:
    """Count the operations an id: of all linear layers but the last, of the last."""
    inner, head = _split(model)
    return 2 * sum(layer.weight.numel() for layer in inner), 2 * head.weight.numel()


def _find_most(model: PreTrainedModel) -> float:
    """Time the layers in large batches; the operations a second of the best time."""
    layers, _ = _split(model)
    inputs = {
        size: torch.randn(_LARGE, size, dtype=model.dtype)
        for size in {layer.in_features for layer in layers}
    }
    seconds = []
    with torch.no_grad(), PackedLinears(model).used():
        for _ in range(_TIMES):
            start = time.perf_counter()
            for layer in layers:
                layer(inputs[layer.in_features])
            seconds.append(time.perf_counter() - start)
    return _LARGE * _count_flop(model)[0] / min(seconds)


def main() -> None:
    """Measure, keep it with the other figures of the dtype, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dtype", default=load_params().compute.dtype)
    parser.add_argument("--batch-size", type=int, default=64)
    arguments = parser.parse_args()
    here = {"device": "cpu", "threads": 1}
    compute = load_params().compute.model_copy(update=here)
    policy = load_policy(locate_policy("base"), compute, dtype=arguments.dtype)
    found = asdict(measure_limit(policy, arguments.batch_size))
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    measured = kept.get(arguments.dtype, {}) | {"limit": found}
    write_json(FILE, kept | {arguments.dtype: measured})
    print(*(f"{name}: {value}" for name, value in found.items()), sep="\n")


if __name__ == "__main__":
    run(main)
