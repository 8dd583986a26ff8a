"""Scores of labelled tokens only, for TRL's trainers on a CPU.

TRL 1.16 asks a model for `forward(..., labels=..., fused_lm_head=True)`. Its own answer
projects every position onto the vocabulary unless Triton is at hand; with 49k words and
a small model that costs as much as all layers together. This one projects only the
positions whose next token is labelled: replies, not prompts or padding.
"""

import types
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel

IGNORED = -100
"""The label of a token that is not learned."""


@dataclass
class LabelledScores:
    """What TRL reads; (B, T-1) each, zero where the next token is not labelled."""

    log_probs: Tensor
    entropy: Tensor
    mean_logits: Tensor
    is_top1: Tensor
    label_mask: Tensor
    aux_loss: None = None


def score_labelled_only(model: PreTrainedModel) -> None:
    """Let `model.forward(labels=..., fused_lm_head=True)` return `LabelledScores`."""
    model.forward = types.MethodType(_forward(model.forward), model)


def _forward(otherwise: Callable) -> Callable:
    def forward(
        self: PreTrainedModel,
        *args: object,
        fused_lm_head: bool = False,
        labels: Tensor | None = None,
        num_items_in_batch: Tensor | None = None,
        **kwargs: object,
    ) -> object:
        if not fused_lm_head:
            return otherwise(*args, labels=labels, **kwargs)
        states = self.base_model(*args, **kwargs).last_hidden_state[:, :-1]
        head = self.get_output_embeddings()
        return _score(states, labels[:, 1:], head)

    return forward


def _score(states: Tensor, labels: Tensor, head: torch.nn.Module) -> LabelledScores:
    mask = labels != IGNORED  # (B, T-1)
    logits = head(states[mask])  # (labelled, V)
    log_probs = logits.log_softmax(-1)
    wanted = labels[mask].unsqueeze(-1)
    with torch.no_grad():
        entropy = -(log_probs.exp() * log_probs).sum(-1)
        is_top1 = logits.argmax(-1) == wanted.squeeze(-1)
        mean_logits = logits.mean(-1)

    def spread(values: Tensor) -> Tensor:
        return values.new_zeros(mask.shape).masked_scatter(mask, values)

    return LabelledScores(
        spread(log_probs.gather(-1, wanted).squeeze(-1)),
        spread(entropy),
        spread(mean_logits),
        spread(is_top1),
        mask,
    )
