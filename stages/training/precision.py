"""The floats of a training: what is rounded, and what never is.

Weights that are trained, adapters or all of them, are float32, so that no step of the
optimizer is too small for them. In `compute.train_dtype` float32 everything is; a GPU
rounds the factors of products to TF32. In bfloat16 autocast computes the products in
bfloat16, over frozen weights that are kept in it, or in four bits. A start's own
adapters stay beside those weights: added to them, they would be rounded away.
"""

from dataclasses import replace
from typing import Any

import torch
from transformers.utils.import_utils import is_torch_tf32_available

from pipeline.params.sections.study import Compute
from pipeline.params.sections.training import Adapter
from stages.common.adapters import identify_start
from stages.common.memory import (
    estimate_training,
    read_shape,
    refuse_what_cannot_fit,
)
from stages.common.policy import Policy, check_machine, load_policy, locate_policy

_ADVICE = (
    "train an adapter (adapter.enabled: true), set compute.train_dtype to bfloat16, or "
    "choose a smaller base"
)


def load_start(policy_id: str, compute: Compute, adapter: Adapter) -> Policy:
    """Load the policy that a training starts from, in what it is trained in.

    Raises:
        ArtifactError, ParamsError: as `load_policy`.
        StudyError: its training cannot fit into memory, however short its rows are.
    """
    folder = locate_policy(policy_id)
    check_machine(compute)
    least = estimate_training(read_shape(folder), compute, adapter, ids=1)
    refuse_what_cannot_fit(least, compute, _ADVICE)
    start = identify_start(policy_id)  # before it is read: it may change meanwhile
    dtype = compute.train_dtype if adapter.enabled else "float32"
    policy = load_policy(folder, compute, dtype=dtype)
    return replace(policy, start=start)


def configure_precision(compute: Compute) -> dict[str, Any]:
    """Choose the settings of a trainer that say how products are rounded."""
    is_short = compute.train_dtype == "bfloat16"
    settings: dict[str, Any] = {"bf16": is_short}
    if compute.device == "cuda" and not is_short:
        settings["tf32"] = is_torch_tf32_available()
    return settings


def keep_exact(model: torch.nn.Module) -> None:
    """Make what is trained float32; trainers make adapters over four bits bfloat16."""
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data = weight.data.float()
