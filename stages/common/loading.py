"""Models and tokenizers out of files: none of their code runs, and nothing is made up.

Whoever loads one goes through here.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from games.errors import ArtifactError


def load_tokenizer(name: str | Path, **place: Any) -> PreTrainedTokenizerBase:
    """Load a tokenizer from a folder, or from the hub.

    Whatever transformers raises over files that make no sense comes through.
    """
    return AutoTokenizer.from_pretrained(name, trust_remote_code=False, **place)


def load_model(name: str | Path, **how: Any) -> PreTrainedModel:
    """Load a causal model from a folder, or from the hub.

    Whatever transformers raises over files that make no sense comes through.

    Raises:
        ArtifactError: some of its weights are not in its files.
    """
    load: Any = AutoModelForCausalLM.from_pretrained
    model, found = load(name, trust_remote_code=False, output_loading_info=True, **how)
    _refuse_missing(found["missing_keys"], str(name))
    return model


def _refuse_missing(missing: Collection[str], name: str) -> None:
    """Refuse weights that transformers would draw at random, without any error."""
    if missing:
        raise ArtifactError(
            f"{name} lacks {len(missing)} of the weights that its config.json asks for "
            f"({min(missing)}): take the files that belong together"
        )
