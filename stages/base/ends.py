"""The ids that a model ends its replies with, by its own configuration.

A chat template names one; many models were taught to say others as well, and would be
kept talking to the limit otherwise.
"""

from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.common.chat import note_ends
from stages.common.health import count_rows


def keep_ends(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Note the ids that end a reply in the tokenizer, which every policy inherits.

    Nothing is noted where the tokenizer's own eos_token is the only one.
    """
    ends = list_ends(model)
    if ends - {tokenizer.eos_token_id}:
        note_ends(tokenizer, ends)


def list_ends(model: PreTrainedModel) -> set[int]:
    """List what generation_config.json and config.json call the end of a sequence."""
    configs: list[Any] = [model.config, model.config.get_text_config()]
    if model.generation_config is not None:
        configs.append(model.generation_config)
    found: set[int | None] = set()
    for config in configs:
        own = config.to_dict().get("eos_token_id")
        found |= set(own) if isinstance(own, list) else {own}
    num = count_rows(model)
    return {one for one in found if one is not None and one < num}
