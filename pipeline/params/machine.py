"""What a machine must have for params.yaml to be run on it, found before work starts.

`python -m pipeline.params` asks for all of it. The Snakefile asks for what the jobs
need that it is about to start, so that who only wants the report of a study that ran
on a GPU needs none. Of jobs that run elsewhere, as on a cluster, the device is not
looked for here: each of them looks for it before DVC removes anything.
"""

from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path

from games.errors import ParamsError
from pipeline.params.disk import check_disk
from pipeline.params.sections.whole import Params
from pipeline.params.tasks import check_tasks

DATA = Path("data")
BASE = DATA / "base"
ON_DEVICE = {"warmup", "selfplay", "sft", "dpo", "grpo", "play", "benchmarks"}
"""Stages that compute on `compute.device`."""
WITH_ENGINE = {"selfplay", "grpo", "play"}
"""Stages that sample by `compute.engine`."""
MAKE_POLICIES = {"base", "warmup", "sft", "dpo", "grpo"}
EVERY = ON_DEVICE | MAKE_POLICIES | {"instances"}


def check_machine(
    params: Params, stages: Collection[str] = EVERY, *, elsewhere: bool = False
) -> None:
    """Refuse parameters that stages cannot be run with on this machine.

    Args:
        params: of the study.
        stages: that are to be run.
        elsewhere: whether they run on other machines, which share only the files.

    Raises:
        ParamsError: something is missing here, in one sentence.
    """
    check_compute(params, stages, elsewhere=elsewhere)
    if "benchmarks" in stages:
        _check_datasets(check_tasks(params.benchmarks))
    if "base" in stages and not BASE.exists():
        _check_source(params)
    if "instances" in stages and not (DATA / "instances").exists():
        _check_checkout(params)
    if MAKE_POLICIES & set(stages) and not elsewhere:
        check_disk(params, BASE)


def check_compute(
    params: Params, stages: Collection[str], *, elsewhere: bool = False
) -> None:
    """Refuse a device or an engine that stages need and this machine lacks.

    Raises:
        ParamsError: there is no such device here, or vLLM is not installed.
    """
    compute = params.compute
    if compute.engine == "vllm" and WITH_ENGINE & set(stages) and not find_spec("vllm"):
        raise ParamsError(
            "compute.engine: vllm is not installed: `pip install vllm`, or set it to "
            "transformers"
        )
    if compute.device == "cuda" and ON_DEVICE & set(stages) and not elsewhere:
        import torch  # only now: it takes seconds

        if not torch.cuda.is_available():
            raise ParamsError(
                "compute.device: cuda, but PyTorch finds no GPU here: set it to cpu, "
                "or install a driver and a PyTorch for it; where other machines run "
                "the jobs, use `snakemake --workflow-profile slurm`"
            )


def _check_datasets(names: Collection[str]) -> None:
    """Refuse benchmarks whose data cannot be had."""
    if names:
        from pipeline.params.hub import confirm_dataset  # only now: it takes a while

        for name in names:
            confirm_dataset(name)


def _check_source(params: Params) -> None:
    """Refuse a base policy that cannot be had, before anything else is made."""
    base = params.base
    if base.source == "hub":
        from pipeline.params.hub import confirm_model  # only now: it takes a while

        assert base.hub.id is not None, "the section refuses the hub without an id"
        confirm_model(base.hub.id, base.hub.revision)
    folder = Path(base.folder.path or "")
    if base.source == "folder" and not folder.is_dir():
        raise ParamsError(
            f"base.folder.path: there is no folder {folder}: name the folder of a model"
        )


def _check_checkout(params: Params) -> None:
    """Refuse instances of clembench without its files."""
    settings = params.instances
    folder = Path(settings.clembench.checkout or "")
    if settings.source == "clembench" and not folder.is_dir():
        raise ParamsError(
            f"instances.clembench.checkout: there is no folder {folder}: clone "
            "clembench to there, or name the folder of a clone"
        )
