"""One pass for rows that begin alike, under all of TRL's trainers.

TRL 1.16 asks a model for `forward(..., labels=..., fused_lm_head=True)`. Here the rows
of that batch are laid out as a tree (`stages.training.tree`), so that what they share
is computed once and padding not at all, and only states that predict a label are
projected onto the vocabulary (`stages.training.labelled`). Loss and gradients are those
of row by row. That is checked before training (`stages.training.sound`): a way that
does not compute what the model computes is not used, which is said.
"""

import types
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from stages.training.labelled import IGNORED, LabelledScores, Scores
from stages.training.sound import certain_length, first_sound
from stages.training.ways import Batch, Way, Ways

EXTRAS = ("entropy", "mean_logits", "is_top1")


def share_prefixes(
    model: PreTrainedModel,
    *,
    temperature: float = 1.0,
    extras: Sequence[str] = EXTRAS,
    way: Way | None = None,
) -> None:
    """Let a model answer TRL in one pass for rows that begin alike.

    Args:
        model: a causal model, adapters and all, as it will be trained.
        temperature: by which logits are divided.
        extras: what the trainer reads beside log-probabilities, where gradients are.
        way: the one that is taken, for comparisons; None: the first that is sound.
    """
    ways = Ways(model, temperature, extras)
    way = way or first_sound(model, ways)
    model.forward = types.MethodType(_forward(model, ways, way), model)


def _forward(model: PreTrainedModel, ways: Ways, way: Way) -> Callable[..., object]:
    certain = certain_length(model.config)

    def forward(
        self: PreTrainedModel,
        *args: object,
        fused_lm_head: bool = False,
        labels: Any = None,
        num_items_in_batch: Tensor | None = None,
        **kwargs: Any,
    ) -> object:
        if not fused_lm_head:
            return ways.forward(*args, labels=labels, **kwargs)
        if kwargs.get("output_router_logits"):
            # the balance of a mixture of experts is a mean over all rows' tokens
            return ways.forward(*args, labels=labels, fused_lm_head=True, **kwargs)
        ids = kwargs["input_ids"]
        real = kwargs.get("attention_mask", torch.ones_like(ids)).bool()
        place = real.cumsum(-1) - 1  # (B, T): along its row
        wanted = (labels != IGNORED) & real & (place > 0)
        batch = _unpadded(ids, real, place, labels, wanted)
        is_certain = certain is None or batch.longest <= certain
        scores = ways.score(batch, way if is_certain else Way.ROWS)
        return _spread(scores, wanted[:, 1:])

    return forward


def _unpadded(
    ids: Tensor, real: Tensor, place: Tensor, labels: Tensor, wanted: Tensor
) -> Batch:
    """Cut from the rows of a batch what no label needs: (B, T) each."""
    rows, places = [], []
    for row in zip(*(one.cpu() for one in (ids, real, place, wanted)), strict=True):
        one, is_real, along, is_wanted = row
        before = (along[is_wanted] - 1).tolist()
        places.append(before)
        rows.append(one[is_real].tolist()[: max(before, default=-1) + 1])
    if not any(rows):
        # nothing to learn: one state, so that there is a graph to go back through
        rows[0] = ids[0, :1].tolist()
    return Batch(rows, places, labels[wanted].tolist())


def _spread(scores: Scores, mask: Tensor) -> LabelledScores:
    """Put scores back in their places in the batch: (B, T-1)."""
    spread: dict[str, Any] = {
        name: values.new_zeros(mask.shape).masked_scatter(mask, values)
        for name, values in scores.items()
    }
    return LabelledScores(label_mask=mask, **spread)
