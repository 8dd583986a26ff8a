"""How much memory a job will take, told before anything is loaded.

The estimate is of weights, what their training keeps of them, activations, scores, and
keys and values of the sessions that play side by side. A job that cannot do with all
memory that is here is refused, with what to change.
"""

import os
from dataclasses import astuple, dataclass
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from games.errors import StudyError
from pipeline.params.sections.study import Compute
from pipeline.params.sections.training import Adapter
from stages.common.adapters import follow_chain
from stages.common.files import explain_missing

_BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0}
_FOUR_BITS = 0.53
"""Bytes of a weight in nf4, with its scales."""
_OPTIMIZED = 16
"""Bytes of a trained weight: itself, its gradient, and two moments of AdamW."""
_PROCESS = {"cpu": 0.7e9, "cuda": 0.5e9}
"""Python with its libraries; a GPU's context."""
_SCORES = {"cpu": 3 * 2**22 * 4.0, "cuda": 3 * 2**27 * 4.0}
"""Tiles of logits, as `stages.training.labelled` cuts them."""
_HELD = 2048
"""Ids whose activations are kept on a CPU; beyond that layers are computed again."""
_CACHES = {"cpu": 3, "cuda": 1}
"""How often a session's keys and values are there: its own, those in a bank, and as
much again while either grows; a GPU has pages."""
SESSION = 1024
"""Ids of a session or a rollout, where nothing says how long it will be."""


@dataclass(frozen=True)
class Shape:
    """The sizes of a model that its memory follows from."""

    weights: int
    linear: int
    """Of those, the weights of linear layers that adapters are on."""
    sides: int
    """Inputs and outputs of these layers, added up: an adapter has rank times as many
    weights."""
    layers: int
    width: int
    inner: int
    keys: int
    """Numbers of the keys of one id in one layer; there are as many values."""


@dataclass(frozen=True)
class Estimate:
    """Bytes by what they are for."""

    weights: float = 0.0
    trained: float = 0.0
    activations: float = 0.0
    scores: float = 0.0
    sessions: float = 0.0
    process: float = 0.0

    @property
    def total(self) -> float:
        """All of them."""
        return sum(astuple(self))

    def __str__(self) -> str:
        parts = {name: value for name, value in vars(self).items() if value}
        return ", ".join(f"{name} {value / 1e9:.1f}" for name, value in parts.items())


def read_shape(folder: Path) -> Shape:
    """Read the sizes of a policy's model; no weights are loaded.

    Raises:
        ArtifactError: the policy, or one that it stands on, is missing or not what it
            was.
    """
    whole = follow_chain(folder)[0]
    try:
        config = AutoConfig.from_pretrained(whole, local_files_only=True)
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config)
    except (OSError, ValueError) as error:
        raise explain_missing(whole / "config.json") from error
    head = model.get_output_embeddings()
    linears = [
        layer
        for layer in model.modules()
        if isinstance(layer, torch.nn.Linear) and layer is not head
    ]
    text = config.get_text_config().to_dict()
    heads, width = text["num_attention_heads"], text["hidden_size"]
    dim = text.get("head_dim") or width // heads
    return Shape(
        weights=model.num_parameters(),
        linear=sum(layer.weight.numel() for layer in linears),
        sides=sum(layer.in_features + layer.out_features for layer in linears),
        layers=text["num_hidden_layers"],
        width=width,
        inner=text.get("intermediate_size", 4 * width),
        keys=dim * text.get("num_key_value_heads", heads),
    )


def estimate_playing(shape: Shape, compute: Compute, sessions: int) -> Estimate:
    """Estimate the memory of sessions that play side by side.

    Args:
        shape: of the policy's model.
        compute: device, floats and quantisation.
        sessions: how many play at once.
    """
    each = _BYTES[compute.dtype]
    weights = _weigh(shape, compute, each)
    if compute.device == "cpu":
        weights += shape.linear * each  # laid out for the processor once more
    cache = SESSION * 2 * shape.layers * shape.keys * each
    return Estimate(
        weights=weights,
        sessions=sessions * cache * _CACHES[compute.device],
        process=_PROCESS[compute.device],
    )


def estimate_training(
    shape: Shape, compute: Compute, adapter: Adapter, *, ids: int, copies: int = 0
) -> Estimate:
    """Estimate the memory of a training.

    Args:
        shape: of the start's model.
        compute: device, floats and quantisation.
        adapter: what is trained: adapters of a rank, or all weights.
        ids: how many go forward and backward at once.
        copies: of all weights, beside those that are trained.
    """
    each = _BYTES[compute.train_dtype]
    # of an id in a layer; an adapter's layers keep what they put out once more
    one = 10 * shape.width + 2 * shape.keys + 5 * shape.inner
    if adapter.enabled:
        one += 3 * shape.width + 2 * shape.keys + 2 * shape.inner
    if compute.device == "cpu":
        kept = min(ids, _HELD) * shape.layers * one
    else:
        kept = ids * (shape.layers * shape.width + one)
    if adapter.enabled:
        weights = _weigh(shape, compute, each)
        trained = _OPTIMIZED * adapter.rank * shape.sides
    else:
        each, weights, trained = 4.0, 0.0, _OPTIMIZED * shape.weights
    return Estimate(
        weights=weights + copies * shape.weights * each,
        trained=trained,
        activations=kept * each,
        scores=_SCORES[compute.device],
        process=_PROCESS[compute.device],
    )


def _weigh(shape: Shape, compute: Compute, each: float) -> float:
    """Weigh frozen weights; in four bits only linear layers are."""
    if compute.quantize is None:
        return shape.weights * each
    return shape.linear * _FOUR_BITS + (shape.weights - shape.linear) * each


def refuse_what_cannot_fit(estimate: Estimate, compute: Compute, advice: str) -> None:
    """Stop a job that needs more memory than there is.

    Raises:
        StudyError: with the estimate and the advice.
    """
    room = measure_memory(compute)
    if estimate.total > room:
        raise StudyError(
            f"this needs about {estimate.total / 1e9:.1f} GB of memory, and "
            f"{compute.device} has {room / 1e9:.1f} ({estimate}): {advice}"
        )


def measure_memory(compute: Compute) -> float:
    """Measure all memory of the device, in bytes."""
    if compute.device == "cuda":
        return float(torch.cuda.mem_get_info()[1])
    return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
