"""A policy: a model with its chat template, from and to one self-contained folder.

A policy's folder holds everything that is needed to play it: adapters are merged before
they are saved, so that any stage can depend on that folder alone.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from games.errors import ArtifactError, ParamsError
from pipeline.params.sections.study import Compute
from stages.common.chat import ChatTemplate
from stages.common.files import DATA, explain_missing, make_whole_folder
from stages.common.health import confirm_finite, confirm_vocabulary
from stages.common.loading import load_model, load_tokenizer

_DAMAGES = (AssertionError, KeyError, RuntimeError, TypeError, ValueError)
"""What libraries raise over files that make no sense."""


@dataclass(frozen=True)
class Policy:
    """A model, its tokenizer and its chat template."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    chat: ChatTemplate


def locate_policy(policy_id: str) -> Path:
    """Name the folder of a policy by its id, e.g. "sft/sft/0"."""
    return DATA / policy_id


def load_policy(folder: Path, compute: Compute, *, dtype: str | None = None) -> Policy:
    """Load a policy: local files and safetensors only, no code from the folder.

    Args:
        folder: where `save_policy` put it.
        compute: device, threads and the default dtype.
        dtype: overrides `compute.dtype` (training keeps float32 weights).

    Raises:
        ArtifactError: the folder is missing or damaged, its weights are no numbers or
            not made for its tokenizer, or its chat template cannot be extended turn by
            turn.
        ParamsError: `compute` asks for a GPU where there is none.
    """
    torch.set_num_threads(compute.threads)
    torch.set_float32_matmul_precision("highest")  # whatever the environment says
    if compute.device == "cuda" and not torch.cuda.is_available():
        raise ParamsError(
            "compute.device is cuda, but PyTorch finds no GPU here: set it to cpu"
        )
    tokenizer = _load_tokenizer(folder)
    try:
        model = load_model(
            folder,
            dtype=dtype or compute.dtype,
            local_files_only=True,
            use_safetensors=True,
        )
    except (OSError, *_DAMAGES, SafetensorError) as error:
        raise _explain_damage(folder, error) from error
    confirm_finite(model, str(folder))
    chat = ChatTemplate(tokenizer, str(folder))
    confirm_vocabulary(model, tokenizer, chat, str(folder))
    torch.nn.Module.to(model, compute.device)  # transformers hides the types of its own
    return Policy(model.eval(), tokenizer, chat)


def load_chat(folder: Path) -> ChatTemplate:
    """Load only the chat template of a policy.

    Raises:
        ArtifactError: as `load_policy`.
    """
    return ChatTemplate(_load_tokenizer(folder), str(folder))


def _load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    logging.disable_progress_bar()
    if not (folder / "config.json").exists():
        raise explain_missing(folder)
    try:
        return load_tokenizer(folder, local_files_only=True)
    except (OSError, *_DAMAGES) as error:
        raise _explain_damage(folder, error) from error


def _explain_damage(folder: Path, error: Exception) -> ArtifactError:
    return ArtifactError(
        f"{folder} is damaged ({str(error).splitlines()[0]}): "
        f"run `dvc checkout --force {folder}`, or delete it and run again"
    )


def save_policy(
    model: PreTrainedModel | PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
) -> None:
    """Write a policy's folder, whole or not at all; adapters are merged first.

    Raises:
        ArtifactError: the folder cannot be written, or the weights are no numbers.
    """
    confirm_finite(model, str(folder))
    whole = model.merge_and_unload() if isinstance(model, PeftModel) else model
    with make_whole_folder(folder) as temporary:
        try:
            whole.save_pretrained(temporary)
        except SafetensorError as error:  # a full disk, in Rust's words
            raise OSError(str(error)) from error
        tokenizer.save_pretrained(temporary)
