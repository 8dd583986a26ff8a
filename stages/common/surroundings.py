"""Environment variables that would decide results, and that nothing hashes.

Clusters and images set some for all of their users. Libraries take them for settings
that nobody wrote down: weights in half precision, products of matrices in fewer bits.
What they say has no part in a study: how precisely it computes is in params.yaml.
"""

import os
import sys

_BEGINNINGS = ("ACCELERATE_", "FSDP_", "XLA_")
_NAMES = {
    "DNNL_DEFAULT_FPMATH_MODE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "NVIDIA_TF32_OVERRIDE",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
}


def ignore_surroundings() -> None:
    """Take such variables out of this process's environment, and say which."""
    ignored = sorted(name for name in os.environ if _decides(name))
    for name in ignored:
        del os.environ[name]
    if ignored:
        print(
            f"ignored, as they would change results: {', '.join(ignored)}",
            file=sys.stderr,
        )


def _decides(name: str) -> bool:
    return name in _NAMES or name.startswith(_BEGINNINGS)
