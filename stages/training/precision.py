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
from stages.common.policy import Policy, load_policy, locate_policy


def load_start(policy_id: str, compute: Compute, adapter: Adapter) -> Policy:
    """Load the policy that a training starts from, in what it is trained in.

    Raises:
        ArtifactError, ParamsError: as `load_policy`.
    """
    start = identify_start(policy_id)  # before it is read: it may change meanwhile
    dtype = compute.train_dtype if adapter.enabled else "float32"
    policy = load_policy(locate_policy(policy_id), compute, dtype=dtype)
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
