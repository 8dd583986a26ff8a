"""Scores of labelled tokens only, from the states that predict them.

With 49k words and a small model, projecting a state onto the vocabulary costs as much
as all layers together, and what it makes is large. So only states whose next token is
labelled are projected, a tile at a time: of a tile nothing is kept but a few numbers a
token and, where the head is not trained, the gradient of its log-probability.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

IGNORED = -100
"""The label of a token that is not learned."""

_TILE = {"cpu": 2**22, "cuda": 2**27}
"""Logits that are held at once."""

Scores = dict[str, Tensor]
"""By the field of `LabelledScores`: (N,) each."""


@dataclass
class LabelledScores:
    """What TRL reads; (B, T-1) each, zero where the next token is not labelled."""

    label_mask: Tensor
    log_probs: Tensor
    entropy: Tensor | None = None
    mean_logits: Tensor | None = None
    is_top1: Tensor | None = None
    aux_loss: None = None


@dataclass(frozen=True)
class Head:
    """How states become scores."""

    project: Callable[[Tensor], Tensor]
    """From states (N, D) to the model's own logits (N, V)."""
    vocabulary: int
    is_trained: bool
    temperature: float
    extras: tuple[str, ...]
    """What beside log-probabilities is wanted, where gradients are."""

    def score(self, states: Tensor, labels: Tensor) -> Scores:
        """Score each label by the state that predicts it: (N, D), (N,)."""
        size = max(1, _TILE[states.device.type] // self.vocabulary)
        if not torch.is_grad_enabled():
            tile = self._plain
        elif self.is_trained:
            tile = self._recomputed
        else:
            tile = self._with_gradient
        parts = zip(states.split(size), labels.split(size), strict=True)
        tiles = [tile(*part) for part in parts]
        return {name: torch.cat([one[name] for one in tiles]) for name in tiles[0]}

    def score_logits(self, logits: Tensor, labels: Tensor) -> Scores:
        """Score each label by its logits: (N, V), (N,)."""
        logits = logits.float() / self.temperature
        total = logits.logsumexp(-1)
        log_probs = logits.gather(-1, labels[:, None])[:, 0] - total
        if not torch.is_grad_enabled():
            return {"log_probs": log_probs}
        with torch.no_grad():
            probabilities = (logits - total[:, None]).exp_()
            extras = self._extras(logits, total, probabilities, labels)
        return {"log_probs": log_probs, **extras}

    def _plain(self, states: Tensor, labels: Tensor) -> Scores:
        return self.score_logits(self.project(states), labels)

    def _recomputed(self, states: Tensor, labels: Tensor) -> Scores:
        return checkpoint(self._plain, states, labels, use_reentrant=False)

    def _with_gradient(self, states: Tensor, labels: Tensor) -> Scores:
        """Score, and leave to the backward pass one product with what is known now.

        A log-probability depends on its own state only: its gradient is known as soon
        as it is, so that logits need neither be kept nor made again.
        """
        inputs = states.detach().requires_grad_()
        logits = self.project(inputs)
        with torch.no_grad():
            values = logits.float() / self.temperature
            total = values.logsumexp(-1)
            log_probs = values.gather(-1, labels[:, None])[:, 0] - total
            slope = (values - total[:, None]).exp_()
            extras = self._extras(values, total, slope, labels)
            # of log p(label) by logits: one at the label, minus all probabilities
            slope.neg_().scatter_add_(
                -1, labels[:, None], slope.new_ones(len(slope), 1)
            )
            slope /= self.temperature
        (gradient,) = torch.autograd.grad(logits, inputs, slope.to(logits.dtype))
        return {"log_probs": _Known.apply(states, log_probs, gradient), **extras}

    def _extras(
        self, logits: Tensor, total: Tensor, probabilities: Tensor, labels: Tensor
    ) -> Scores:
        extras = {}
        if "entropy" in self.extras:
            extras["entropy"] = total - torch.linalg.vecdot(probabilities, logits)
        if "mean_logits" in self.extras:
            extras["mean_logits"] = logits.mean(-1)
        if "is_top1" in self.extras:
            extras["is_top1"] = logits.argmax(-1) == labels
        return extras


class _Known(torch.autograd.Function):
    """A value of each state, with its gradient."""

    @staticmethod
    def forward(
        context: Any, states: Tensor, values: Tensor, gradient: Tensor
    ) -> Tensor:
        context.save_for_backward(gradient)
        return values.clone()

    @staticmethod
    def backward(context: Any, outer: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = context.saved_tensors
        return outer[:, None].to(gradient.dtype) * gradient, None, None
