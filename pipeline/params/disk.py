"""How much disk the policies that are still to be made will take."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from safetensors import SafetensorError, safe_open

from games.errors import ParamsError
from pipeline.params.policies import list_sources
from pipeline.params.sections.training import Adapter
from pipeline.params.sections.whole import Params

DATA = Path("data")
_FLOAT32 = 4
_WEIGHTS = ".safetensors"
_NOT_ADAPTED = ("embed", "lm_head", "wte", "wpe")
"""What names of matrices hold that no adapter is put on."""


def check_disk(params: Params, base: Path) -> None:
    """Refuse to begin what cannot be kept: a policy in data/, and in DVC's cache.

    Args:
        params: of the study.
        base: the folder of the base policy; without it nothing is known of any size.

    Raises:
        ParamsError: less is free than the policies that are missing will take.
    """
    if not base.exists():
        return
    missing = [one for one in list_sources(params) if not (DATA / one).exists()]
    needed = 2 * sum(measure_policy(base, find_adapter(params, one)) for one in missing)
    free = shutil.disk_usage(DATA).free
    if needed > free:
        raise ParamsError(
            f"policies: {len(missing)} are still to be made and take about "
            f"{needed / 1e9:.1f} GB (each once in data/ and once in DVC's cache), but "
            f"{free / 1e9:.1f} GB are free: free some disk space, or make fewer "
            "variants and seeds"
        )


def find_adapter(params: Params, policy_id: str) -> Adapter:
    """Find what is trained when a policy is made, e.g. of the policy "sft/sft/0"."""
    stage, variant, *_ = policy_id.split("/")
    if stage == "warmup":
        return params.warmup.adapter
    if stage == "grpo":
        return params.grpo.variant(variant).adapter
    return (params.sft if stage == "sft" else params.dpo).variant(variant).adapter


def measure_policy(base: Path, adapter: Adapter) -> int:
    """Estimate the bytes of a policy that is trained from a base: adapters, or all."""
    files = [file for file in base.rglob("*") if file.is_file()]
    if not adapter.enabled:
        return sum(file.stat().st_size for file in files)
    rest = sum(file.stat().st_size for file in files if file.suffix != _WEIGHTS)
    sides = sum(sum(shape) for shape in _list_matrices(files))
    return rest + _FLOAT32 * adapter.rank * sides


def _list_matrices(files: list[Path]) -> Iterator[tuple[int, int]]:
    """Yield the shape of each matrix that an adapter is put on, from files' headers.

    Of a damaged file it yields nothing: who loads the policy says what is wrong.
    """
    for file in files:
        if file.suffix != _WEIGHTS:
            continue
        with suppress(SafetensorError), safe_open(file, "numpy") as weights:
            for name in weights.keys():  # noqa: SIM118 (it is no mapping)
                shape = weights.get_slice(name).get_shape()
                if len(shape) == 2 and not any(part in name for part in _NOT_ADAPTED):
                    yield shape[0], shape[1]
