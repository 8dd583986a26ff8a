"""What TRL wants to know of rollouts, and whether it would see what was sampled."""

from collections.abc import Iterable, Sequence

import torch
from transformers import PreTrainedModel

from games.errors import ArtifactError
from stages.engines.local.soundness import own_logprobs
from stages.grpo.rollout import Rollout

_MAX_LOGPROB_GAP = 0.02
"""Sampling and training run the same float32 model: only summation order differs."""
_MAX_LOGPROB_GAP_OF_SHORT_FLOATS = 0.5
"""There every sum is rounded, and in another order."""

_FIELDS = ("prompt_ids", "completion_ids", "logprobs", "env_mask")
"""What TRL wants to know of a rollout."""


def collect_fields(rollouts: Sequence[Rollout], end_of_turn: int) -> dict[str, list]:
    """Collect TRL's fields; an episode without a learner's move trains on nothing."""
    fields: dict[str, list] = {name: [] for name in _FIELDS}
    for rollout in rollouts:
        stream = rollout.table.streams.get(rollout.role)
        if stream is None:
            values = [end_of_turn], [end_of_turn], [0.0], [0]
        else:
            start, end = rollout.find_span(stream)
            values = (
                stream.ids[:start],
                stream.ids[start:end],
                stream.logprobs[start:end],
                stream.mask[start:end],
            )
        for name, value in zip(fields, values, strict=True):
            fields[name].append(value)
    return fields


def check_logprobs(
    model: PreTrainedModel, fields: dict[str, list], places: Iterable[int]
) -> float:
    """Compare the sampler's log-probabilities with the trained model's own.

    Args:
        model: as it is trained, its adapter included.
        fields: of the rollouts.
        places: of those that are compared.

    Returns:
        The largest difference of all sampled tokens.

    Raises:
        ArtifactError: it is too large, or no number, so that training would learn from
            other tokens than were sampled.
    """
    gaps = [torch.zeros(1)]
    for place in places:
        prompt, completion, sampled, mask = (fields[name][place] for name in _FIELDS)
        logprobs = own_logprobs(model, prompt, completion)
        gaps.append((logprobs - torch.tensor(sampled)).abs() * torch.tensor(mask))
    gap = torch.cat(gaps).max().item()
    is_short = model.dtype != torch.float32 or torch.is_autocast_enabled(
        model.device.type
    )
    largest = _MAX_LOGPROB_GAP_OF_SHORT_FLOATS if is_short else _MAX_LOGPROB_GAP
    if not gap <= largest:  # so that NaN is refused as well
        raise ArtifactError(
            f"log-probabilities of sampled tokens differ by {gap:.3f} between sampling "
            "and training: the policy or its dtype is unsound, set compute.dtype to "
            "float32"
        )
    return gap
