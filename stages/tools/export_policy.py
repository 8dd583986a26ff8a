"""Write a policy as one folder with full weights, which transformers loads alone.

    python -m stages.tools.export_policy sft/sft/0 ~/my-policy --dtype bfloat16

Its adapters are added to the weights below them in float32. In shorter floats what a
training changed least is rounded away; what plays in the study has not lost it.
"""

import argparse
from pathlib import Path

import torch

from games.errors import ArtifactError
from pipeline.params.part import load_part
from pipeline.params.schema import Section
from pipeline.params.sections.study import Compute
from stages.common.cli import run
from stages.common.policy import load_policy, locate_policy, save_policy

DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


class ExportParams(Section):
    """What this tool reads of params.yaml."""

    compute: Compute


def main() -> None:
    """Export the policy that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("policy", help="its folder under data/, e.g. sft/sft/0")
    parser.add_argument("to", type=Path, help="the folder to write; it must be new")
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    arguments = parser.parse_args()
    here = {"device": "cpu", "quantize": None}
    compute = load_part(ExportParams).compute.model_copy(update=here)
    export(arguments.policy, arguments.to, arguments.dtype, compute)
    print(f"{arguments.policy}: full weights in {arguments.dtype} in {arguments.to}")


def export(policy_id: str, to: Path, dtype: str, compute: Compute) -> None:
    """Write a policy's full weights, tokenizer and chat template into a new folder.

    Raises:
        ArtifactError: the folder is there already or cannot be written, or the policy
            cannot be loaded.
    """
    if to.exists():
        raise ArtifactError(f"{to} is there already: name a new folder")
    policy = load_policy(locate_policy(policy_id), compute, dtype="float32")
    torch.nn.Module.to(policy.model, DTYPES[dtype])
    save_policy(policy.model, policy.tokenizer, to)


if __name__ == "__main__":
    run(main)
