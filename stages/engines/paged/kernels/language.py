"""Triton, the language of the kernels; where it is not installed they are only read.

PyTorch's builds for GPUs bring it along, those for CPUs do not. This is the one place
that knows: kernels import `triton` and `tl` from here, and whoever is about to launch
some asks `require_triton` first.
"""

from importlib import import_module
from typing import Any

from games.errors import ParamsError


class _Absent:
    """Stands for both modules while kernels are defined: nothing can be launched."""

    constexpr = tensor = object

    @staticmethod
    def jit(kernel: Any) -> Any:
        """Leave a kernel as it is written."""
        return kernel


def _find() -> tuple[Any, Any]:
    """Import Triton and its language, or make what stands for them."""
    try:
        return import_module("triton"), import_module("triton.language")
    except ImportError:
        return _Absent, _Absent


triton, tl = _find()


def require_triton() -> None:
    """Do nothing where kernels can be launched.

    Raises:
        ParamsError: Triton is not installed.
    """
    if triton is _Absent:
        raise ParamsError(
            "playing on a GPU needs Triton, which is not installed here: install it "
            "(`pip install triton`), or set compute.device to cpu"
        )
