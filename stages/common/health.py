"""Whether a model is one that can be used: finite numbers, ids that it has rows for.

Whoever writes a policy asks, and whoever loads one: a training that has diverged ends
in weights that are no numbers, and benchmarks would score such a policy like a guess.
"""

from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from games.errors import ArtifactError
from stages.common.chat import ChatTemplate


def confirm_finite(model: nn.Module, name: str) -> None:
    """Make sure that all weights of a model are numbers.

    Raises:
        ArtifactError: some are infinite, or no numbers.
    """
    for weight_name, weight in model.named_parameters():
        # one number that is not finite makes the sum so
        if not torch.sum(weight.detach(), dtype=torch.float32).isfinite():
            raise ArtifactError(
                f"{name} has weights that are no finite numbers ({weight_name}): if "
                "it was trained, lower its learning_rate in params.yaml; if it is "
                "loaded in a short dtype, take float32"
            )


def confirm_vocabulary(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    chat: ChatTemplate,
    name: str,
) -> None:
    """Make sure that a model has a row for every id that its tokenizer writes.

    Added tokens that neither the template nor training writes may be beyond: published
    text models have some, for images.

    Raises:
        ArtifactError: it has none for some.
    """
    num = count_rows(model)
    added = tokenizer.added_tokens_decoder
    used = {chat.end_of_turn, *chat.encode_prompt([{"role": "user", "content": "x"}])}
    used |= {tokenizer.bos_token_id, tokenizer.eos_token_id} - {None}
    used |= {tokenizer.pad_token_id, tokenizer.unk_token_id} - {None}
    vocabulary = tokenizer.get_vocab().items()
    outside = sorted(
        (place, token)
        for token, place in vocabulary
        if place >= num and (place in used or place not in added)
    )
    if outside:
        place, token = outside[0]
        raise ArtifactError(
            f"the tokenizer of {name} writes ids that its model has no rows for "
            f"({token!r} is {place}, there are {num}): resize the model's embeddings, "
            "or take the tokenizer that belongs to it"
        )


def count_rows(model: PreTrainedModel) -> int:
    """Count the ids that a model has rows for."""
    embeddings: Any = model.get_input_embeddings()
    return len(embeddings.weight)
