"""TRL's GRPOTrainer, with the rollouts of a group in one pass.

TRL shuffles the rollouts of a step, and pads them all to the longest prompt plus the
longest completion. Here a group stays together, so that its prompt is computed once and
padding not at all (`stages.training.prefix`), and only sampled ids are scored: what the
partner said has no part in the loss. The loss is TRL's: its mean over the rollouts of
a step does not depend on their order.
"""

from typing import Any

import torch
from torch import Tensor
from trl import GRPOTrainer
from trl.trainer.utils import pad, split_tensor_dict

from stages.training.labelled import IGNORED


class GroupedGRPOTrainer(GRPOTrainer):
    """Scores group by group; overrides private methods of TRL 1.16."""

    _buffered_inputs: Any
    """TRL's: what was played, in parts; None before the first step."""
    _learned: Tensor
    """Of the rows that are scored next: which ids of their completions are (B, C)."""

    def _prepare_inputs(self, generation_batch: Any) -> dict[str, Tensor | Any]:
        """Hand over the rows that are learned next; groups stay as they were played."""
        arguments: Any = self.args  # TRL types its own as those of transformers
        parts, step = arguments.steps_per_generation, self._step
        if step % (parts * self.num_iterations) == 0 or self._buffered_inputs is None:
            played = self._generate_and_score_completions(generation_batch)
            self._buffered_inputs = split_tensor_dict(played, parts)
        return self._buffered_inputs[step % parts]

    def _generate(self, prompts: list[str]) -> tuple[Any, ...]:
        """Play, and keep for the reference's scores what was sampled."""
        played = super()._generate(prompts)
        masks = [torch.tensor(mask) for mask in played[2]]
        self._learned = pad(masks, 0, padding_side="right").to(self.accelerator.device)
        return played

    def _compute_loss(
        self, model: torch.nn.Module, inputs: dict[str, Tensor | Any]
    ) -> Tensor:
        self._learned = inputs["completion_mask"] * inputs["tool_mask"]
        return super()._compute_loss(model, inputs)

    def _get_per_token_logps_and_entropies(
        self,
        model: torch.nn.Module,
        input_ids: Tensor,
        attention_mask: Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        compute_aux_loss: bool = False,
        **_: Any,
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Compute (log-probabilities (B, C), entropies (B, C) or None, None).

        All are zero where nothing was sampled.
        """
        labels = torch.full_like(input_ids, IGNORED)
        completions = input_ids[:, -logits_to_keep:]
        labels[:, -logits_to_keep:] = completions.where(self._learned > 0, IGNORED)
        size = batch_size or len(input_ids)
        parts = zip(
            *(x.split(size) for x in (input_ids, attention_mask, labels)), strict=True
        )
        balance = {"output_router_logits": True} if compute_aux_loss else {}
        with self.accelerator.autocast():
            outputs = [
                model(
                    input_ids=ids,
                    attention_mask=mask,
                    labels=wanted,
                    fused_lm_head=True,
                    **balance,
                )
                for ids, mask, wanted in parts
            ]
        log_probs = torch.cat([one.log_probs[:, -logits_to_keep:] for one in outputs])
        entropies = aux_loss = None
        if compute_entropy:
            entropies = torch.cat([one.entropy[:, -logits_to_keep:] for one in outputs])
        if compute_aux_loss:
            aux_loss = torch.stack([one.aux_loss for one in outputs]).mean()
        return log_probs, entropies, aux_loss
