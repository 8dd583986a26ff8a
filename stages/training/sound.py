"""Whether a way to score computes what the model computes; asked before training.

A model may attend in ways that a tree of rows does not know of (sinks, chunks, states),
count positions by itself, or do something to its states or logits: a policy would be
trained for another model, without any error.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedConfig, PreTrainedModel

from stages.training.ways import Batch, Way, Ways

_SHARED = 24
_LONGEST = 1024
"""Ids of the longest row that is worth a check; see `certain_length`."""
_UNSOUND = (AssertionError, AttributeError, ImportError, LookupError, RuntimeError)
_REFUSED = (TypeError, ValueError)


def first_sound(model: PreTrainedModel, ways: Ways) -> Way:
    """Find the first way that computes what the model does; say what is left out."""
    tried = [Way.BLOCKS, Way.ROWS]
    if model.device.type == "cuda":
        tried.insert(0, Way.FLEX)
    batch = _sample(model.config)
    was_training = model.training
    model.eval()
    own = _outcome(model, ways, batch, Way.WHOLE)
    for way in tried:
        try:
            gap = _gap(_outcome(model, ways, batch, way), own)
        except (*_UNSOUND, *_REFUSED) as error:
            why = str(error).split("\n")[0]
        else:
            if gap <= _tolerance(model):
                break
            why = f"it differs from the model's own forward by {gap:.2g}"
        print(f"training does not compute this model by {way}: {why}", flush=True)
    else:
        way = Way.WHOLE
    model.train(was_training)
    return way


def certain_length(config: PreTrainedConfig) -> int | None:
    """Find the length of a row up to which the check speaks for it; None: any.

    A model attends, or counts positions, otherwise in rows that are longer than what
    its configuration calls a window, a chunk, or the length it was first trained on.
    Short ones are crossed by the check's rows, longer ones are not.
    """
    return min((one for one in _bounds(config) if one >= _LONGEST), default=None)


def _bounds(config: PreTrainedConfig) -> list[int]:
    words = "window", "chunk", "original_max_position"
    return [
        value
        for name, value in _numbers(config.get_text_config().to_dict())
        if value > 0 and any(word in name for word in words)
    ]


def _numbers(section: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in section.items():
        if isinstance(value, dict):
            yield from _numbers(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            yield name, value


def _sample(config: PreTrainedConfig) -> Batch:
    """Make rows of random ids that share starts, one of which is nested."""
    crossed = max((one for one in _bounds(config) if one < _LONGEST), default=0)
    rng, vocabulary = random.Random(0), config.get_text_config().vocab_size

    def some(num: int) -> list[int]:
        return [rng.randrange(vocabulary) for _ in range(num)]

    trunk, branch = some(crossed + _SHARED), some(_SHARED // 2)
    rows = [
        trunk + some(9),
        trunk + branch + some(5),
        trunk + branch + some(7),
        some(8),
    ]
    wanted = [list(range(len(row) - 1)) for row in rows]
    labels = [label for row in rows for label in row[1:]]
    return Batch([row[:-1] for row in rows], wanted, labels)


def _outcome(
    model: PreTrainedModel, ways: Ways, batch: Batch, way: Way
) -> tuple[Tensor, Sequence[Tensor]]:
    """Compute log-probabilities, and gradients of their sum by some weights."""
    embeddings = {id(weight) for weight in model.get_input_embeddings().parameters()}
    trained = [
        weight
        for weight in model.parameters()
        if weight.requires_grad and id(weight) not in embeddings
    ][:2]  # of the first layer: all that is above takes part in their gradients
    with torch.set_grad_enabled(bool(trained)):
        log_probs = ways.score(batch, way)["log_probs"]
    if not trained:
        return log_probs, []
    return log_probs.detach(), torch.autograd.grad(log_probs.sum(), trained)


def _gap(
    one: tuple[Tensor, Sequence[Tensor]], own: tuple[Tensor, Sequence[Tensor]]
) -> float:
    """Find the largest difference of a log-probability, or relative of a gradient."""
    gaps = [(one[0] - own[0]).abs().max()]
    for gradient, right in zip(one[1], own[1], strict=True):
        gaps.append((gradient - right).norm() / right.norm().clamp(min=1e-12))
    return torch.stack([gap.float().cpu() for gap in gaps]).max().item()


def _tolerance(model: PreTrainedModel) -> float:
    """Choose the difference that rounding may make: by order, or by short floats."""
    if model.dtype != torch.float32:
        return 0.5
    return 1e-3 if model.device.type == "cpu" else 0.05
