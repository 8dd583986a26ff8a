"""The ways to score labelled ids with a model, from the fastest to the plainest.

tree: rows that begin alike in one pass, by FlexAttention or in blocks; rows: each row
by itself, and only its labelled states are projected; whole: the model's own forward.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPastAndCrossAttentions

from stages.training.attention import BLOCKS, FLEX, attending
from stages.training.labelled import Head, Scores
from stages.training.recompute import recomputing
from stages.training.tree import grow


class Way(StrEnum):
    """How a batch is computed."""

    FLEX = "flex"
    BLOCKS = "blocks"
    ROWS = "rows"
    WHOLE = "whole"


@dataclass(frozen=True)
class Batch:
    """Rows without padding, and which of their ids are scored."""

    rows: list[list[int]]
    """Each up to the state that predicts its last label."""
    wanted: list[list[int]]
    """For each row, the places of the states that predict its labels."""
    labels: list[int]
    """The labels of all rows, one row after another."""

    @property
    def longest(self) -> int:
        """The length of the longest row."""
        return max(map(len, self.rows))


@dataclass
class _States(BaseModelOutputWithPastAndCrossAttentions):
    """What the layers of any causal model return, of which all but one is None."""

    router_logits: None = None


class Ways:
    """A model, scored in any way; `forward` is what it was."""

    def __init__(
        self, model: PreTrainedModel, temperature: float, extras: Sequence[str]
    ) -> None:
        self.forward: Callable[..., Any] = model.forward
        self._model = model
        head = model.get_output_embeddings()
        self._head = Head(
            project=self._project,
            vocabulary=head.weight.shape[0],
            is_trained=any(weight.requires_grad for weight in head.parameters()),
            temperature=temperature,
            extras=tuple(extras),
        )

    def score(self, batch: Batch, way: Way) -> Scores:
        """Score the labels of a batch: (N,) each."""
        if way == Way.WHOLE:
            return self._whole(batch)
        if way == Way.ROWS:
            return self._rows(batch)
        return self._tree(batch, FLEX if way == Way.FLEX else BLOCKS)

    def _tree(self, batch: Batch, attention: str) -> Scores:
        """Score what rows have in common once, labels included."""
        tree = grow(batch.rows)
        places = (
            row[place]
            for row, wanted in zip(tree.rows, batch.wanted, strict=True)
            for place in wanted
        )
        pairs = list(zip(places, batch.labels, strict=True))
        number = {pair: n for n, pair in enumerate(dict.fromkeys(pairs))}
        attends = partial(attending, self._model, attention)
        with recomputing(self._model, len(tree.ids), attends), attends():
            states = self._states(
                tree.ids, position_ids=self._tensor([tree.positions]), tree=tree
            )
        chosen = self._tensor(list(number)).view(-1, 2)
        scores = self._head.score(states[chosen[:, 0]], chosen[:, 1])
        back = self._tensor([number[pair] for pair in pairs])
        return {name: values[back] for name, values in scores.items()}

    def _rows(self, batch: Batch) -> Scores:
        with recomputing(self._model, sum(map(len, batch.rows))):
            states = [
                self._states(row)[self._tensor(wanted)]
                for row, wanted in zip(batch.rows, batch.wanted, strict=True)
            ]
        return self._head.score(torch.cat(states), self._tensor(batch.labels))

    def _whole(self, batch: Batch) -> Scores:
        with recomputing(self._model, sum(map(len, batch.rows))):
            logits = [
                self.forward(input_ids=self._tensor([row]), use_cache=False)
                .logits[0]
                .index_select(0, self._tensor(wanted))
                for row, wanted in zip(batch.rows, batch.wanted, strict=True)
            ]
        labels = self._tensor(batch.labels)
        return self._head.score_logits(torch.cat(logits), labels)

    def _states(self, ids: Sequence[int], **how: object) -> Tensor:
        """Compute the last layer's states of one row: (T, D)."""
        output = self._model.base_model(
            input_ids=self._tensor([ids]), use_cache=False, **how
        )
        return output.last_hidden_state[0]

    def _project(self, states: Tensor) -> Tensor:
        """Compute the model's own logits of states: its forward, without the layers.

        So scaling, capping, or whatever else a model does to its logits is done.
        """
        base = self._model.base_model
        before = vars(base).get("forward")
        output = _States(last_hidden_state=states[None])
        base.forward = lambda *_, **__: output
        try:
            ids = torch.zeros(1, len(states), dtype=torch.long, device=states.device)
            return self.forward(input_ids=ids, use_cache=False).logits[0]
        finally:
            if before is None:
                del base.forward
            else:
                base.forward = before

    def _tensor(self, values: Sequence[object]) -> Tensor:
        return torch.tensor(values, dtype=torch.long, device=self._model.device)
