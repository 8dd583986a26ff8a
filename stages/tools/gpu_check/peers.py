"""The same replies by transformers itself: `generate`, and `generate_batch`.

Both are given the prompts of finished episodes, turn by turn, and sample the replies
anew; what `generate_batch` holds of earlier turns it may use again. Its attention is
PyTorch's own where the package flash-attn is not installed.
"""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig, PreTrainedModel

_AT_ONCE = 64
_MEMORY = 0.6
"""Of what is free, for keys and values of `generate_batch`."""

Prompts = Sequence[list[int]]


def sample_statically(
    model: PreTrainedModel, prompts: Prompts, end: int, most: int
) -> int:
    """Sample by `generate`, 64 prompts at a time; return how many ids."""
    groups = range(0, len(prompts), _AT_ONCE)
    return sum(_generate(model, prompts[g : g + _AT_ONCE], end, most) for g in groups)


def _generate(model: PreTrainedModel, prompts: Prompts, end: int, most: int) -> int:
    """Sample a group of prompts; count the ids up to each reply's end."""
    width = max(map(len, prompts))
    ids = torch.full((len(prompts), width), end)
    seen = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):  # padded on the left
        ids[row, width - len(prompt) :] = torch.tensor(prompt)
        seen[row, width - len(prompt) :] = 1
    generate: Any = model.generate  # which no type of transformers has
    said = generate(
        ids.to(model.device),
        attention_mask=seen.to(model.device),
        do_sample=True,
        top_k=0,
        eos_token_id=end,
        pad_token_id=end,
        max_new_tokens=most,
    )[:, width:]
    going = (said == end).cumsum(1) - (said == end).long() == 0
    return int(going.sum())


def set_up(
    model: PreTrainedModel, turns: Sequence[Prompts], end: int, most: int
) -> None:
    """Start `generate_batch`, and capture its graphs, on prompts that help nobody."""
    longest = max(turns, key=lambda prompts: sum(map(len, prompts)))
    sample_continuously(model, [prompt[::-1] for prompt in longest], end, most)


def sample_continuously(
    model: PreTrainedModel, prompts: Prompts, end: int, most: int
) -> int:
    """Sample by `generate_batch`, all prompts at once; return how many ids.

    Raises:
        RuntimeError: some prompts got no reply.
    """
    settings = GenerationConfig(
        do_sample=True,
        temperature=1.0,
        top_k=None,
        eos_token_id=end,
        pad_token_id=end,
        max_new_tokens=most,
    )
    generate: Any = model.generate_batch
    replies = generate(
        list(prompts),
        generation_config=settings,
        continuous_batching_config=ContinuousBatchingConfig(max_memory_percent=_MEMORY),
        persistent_manager=True,
    )
    if len(replies) < len(prompts):
        raise RuntimeError("generate_batch left prompts unanswered")
    return sum(len(reply.generated_tokens) for reply in replies.values())


def stop(model: PreTrainedModel) -> None:
    """Stop what `set_up` has started, if anything."""
    destroy: Any = model.destroy_cached_continuous_batching_manager
    destroy()
