"""TRL's GRPOTrainer without padding.

Rollouts of several games differ widely in length, and TRL pads a whole generation batch
to its longest prompt plus its longest completion: with our games two thirds of what is
computed is padding. Here each rollout is scored by itself, on its real tokens only;
the numbers are the same (a test holds both against each other). On a CPU that saves
what the padding costs; on a GPU, where a batch is cheaper than its rows, TRL's own way
is kept.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad
from trl import GRPOTrainer


class UnpaddedGRPOTrainer(GRPOTrainer):
    """Scores one rollout at a time on a CPU; overrides a private method of TRL 1.16."""

    def _get_per_token_logps_and_entropies(
        self,
        model: torch.nn.Module,
        input_ids: Tensor,
        attention_mask: Tensor,
        logits_to_keep: int,
        *args: Any,
        compute_entropy: bool = False,
        **kwargs: Any,
    ) -> tuple[Tensor, Tensor | None, None]:
        """Return (log-probabilities (B, C), entropies (B, C) or None, None)."""
        if input_ids.device.type != "cpu":
            return super()._get_per_token_logps_and_entropies(
                model,
                input_ids,
                attention_mask,
                logits_to_keep,
                *args,
                compute_entropy=compute_entropy,
                **kwargs,
            )
        logps, entropies = [], []
        for ids, real in zip(input_ids, attention_mask.bool(), strict=True):
            length = int(real[-logits_to_keep:].sum())  # of this row's completion
            scored = self._score(model, ids[real], length)
            # completions are padded on the right
            logps.append(pad(scored[0], (0, logits_to_keep - length)))
            entropies.append(pad(scored[1], (0, logits_to_keep - length)))
        return (
            torch.stack(logps),
            torch.stack(entropies) if compute_entropy else None,
            None,
        )

    def _score(
        self, model: torch.nn.Module, ids: Tensor, length: int
    ) -> tuple[Tensor, Tensor]:
        """Return the last `length` ids' log-probabilities, and their entropies."""
        output = model(input_ids=ids[None], logits_to_keep=length + 1, use_cache=False)
        logits = output.logits[0, :-1].float() / self.temperature  # (length, V)
        logprobs = logits.log_softmax(-1)
        with torch.no_grad():
            entropy = -(logprobs.exp() * logprobs).sum(-1)
        return logprobs.gather(-1, ids[-length:, None])[:, 0], entropy
