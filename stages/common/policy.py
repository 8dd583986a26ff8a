"""A policy: a model with its chat template, from and to its folder.

A folder holds tokenizer and chat template with full weights, or with adapters over
another policy, down to one with full weights (`stages.common.adapters`). One folder
names the content of all below it, so that any stage can depend on that folder alone.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import (
    BitsAndBytesConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from games.errors import ArtifactError, ParamsError
from pipeline.params.sections.study import Compute
from stages.common.adapters import Start, follow_chain, write_adapter
from stages.common.chat import ChatTemplate
from stages.common.factors import CONFIG, merge_adapter, put_beside, stack_adapters
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
    start: Start | None = None
    """What a training from it stands on: the policy itself, as it was when loaded."""


def locate_policy(policy_id: str) -> Path:
    """Name the folder of a policy by its id, e.g. "sft/sft/0"."""
    return DATA / policy_id


def load_policy(folder: Path, compute: Compute, *, dtype: str | None = None) -> Policy:
    """Load a policy: local files and safetensors only, no code from the folder.

    Adapters are added to the weights in float32; in shorter floats they are computed
    beside them, so that nothing of them is rounded away.

    Args:
        folder: where `save_policy` put it.
        compute: device, threads and the default dtype.
        dtype: overrides `compute.dtype` (training keeps float32 weights).

    Raises:
        ArtifactError: the folder, or one that it stands on, is missing, damaged or not
            what it was, its weights are no numbers or not made for its tokenizer, or
            its chat template cannot be extended turn by turn.
        ParamsError: `compute` asks for what is not here: a GPU, or bitsandbytes.
    """
    torch.set_num_threads(compute.threads)
    torch.set_float32_matmul_precision("highest")  # whatever the environment says
    check_machine(compute)
    tokenizer = _load_tokenizer(folder)
    whole, *adapters = follow_chain(folder)
    model = _load_weights(whole, compute, dtype or compute.dtype)
    try:
        if model.dtype == torch.float32 and compute.quantize is None:
            for one in adapters:
                merge_adapter(model, one)
        elif adapters:
            put_beside(model, stack_adapters(adapters), model.dtype)
    except (OSError, *_DAMAGES, SafetensorError) as error:
        raise _explain_damage(folder, error) from error
    confirm_finite(model, str(folder))
    chat = ChatTemplate(tokenizer, str(folder))
    confirm_vocabulary(model, tokenizer, chat, str(folder))
    torch.nn.Module.to(model, compute.device)  # transformers hides the types of its own
    return Policy(model.eval(), tokenizer, chat)


def check_machine(compute: Compute) -> None:
    """Refuse what this machine has not.

    Raises:
        ParamsError: a GPU or bitsandbytes is asked for, and not here.
    """
    if compute.device == "cuda" and not torch.cuda.is_available():
        raise ParamsError(
            "compute.device is cuda, but PyTorch finds no GPU here: set it to cpu"
        )
    if compute.quantize and not find_spec("bitsandbytes"):
        raise ParamsError(
            f"compute.quantize is {compute.quantize}, and bitsandbytes is not "
            "installed: `pip install bitsandbytes`, or set it to null"
        )


def _load_weights(folder: Path, compute: Compute, dtype: str) -> PreTrainedModel:
    options: dict[str, Any] = {}
    if compute.quantize:
        options["device_map"] = {"": compute.device}
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=compute.quantize,
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    try:
        return load_model(
            folder,
            dtype=dtype,
            local_files_only=True,
            use_safetensors=True,
            **options,
        )
    except (OSError, *_DAMAGES, SafetensorError) as error:
        raise _explain_damage(folder, error) from error


def load_chat(folder: Path) -> ChatTemplate:
    """Load only the chat template of a policy.

    Raises:
        ArtifactError: as `load_policy`.
    """
    return ChatTemplate(_load_tokenizer(folder), str(folder))


def _load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    logging.disable_progress_bar()
    if not any((folder / name).exists() for name in ("config.json", CONFIG)):
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
    start: Start | None = None,
) -> None:
    """Write a policy's folder, whole or not at all.

    Args:
        model: of one with adapters these alone are written.
        tokenizer: with its chat template.
        folder: see `locate_policy`.
        start: what the adapters stand on.

    Raises:
        ArtifactError: the folder cannot be written, or the weights are no numbers.
    """
    confirm_finite(model, str(folder))
    with make_whole_folder(folder) as temporary:
        try:
            if isinstance(model, PeftModel):
                assert start is not None, "adapters stand on some policy"
                write_adapter(model, start, temporary)
            else:
                model.save_pretrained(temporary)
        except SafetensorError as error:  # a full disk, in Rust's words
            raise OSError(str(error)) from error
        tokenizer.save_pretrained(temporary)
