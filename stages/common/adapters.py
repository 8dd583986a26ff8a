"""Policies of adapters: what their folders hold, and what they stand on.

A policy whose training was of adapters keeps these alone, in float32, and says in
`start.json` which policy they stand on, and what that policy's files were: their hash.
As an adapter's files name the hash of its start, and that start's files the hash of its
own, whoever depends on one folder depends on the content of the whole chain below it.

`stages.common.factors` puts them on a model.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from peft import LoraConfig, PeftModel, get_peft_model_state_dict
from safetensors.torch import save_file

from games.errors import ArtifactError
from stages.common.factors import CONFIG, WEIGHTS, write_stacked
from stages.common.files import DATA, SCRATCH, make_whole_folder
from stages.common.keys import fingerprint

START = "start.json"


@dataclass(frozen=True)
class Start:
    """The policy that a training started from, as it was then."""

    policy: str
    """Its id, e.g. "base"."""
    sha256: str
    """The hash of its files: `stages.common.keys.fingerprint`."""


def identify_start(policy_id: str) -> Start:
    """Name a policy and hash its files, before a training starts from it."""
    return Start(policy_id, fingerprint(DATA / policy_id))


def write_adapter(model: PeftModel, start: Start, folder: Path) -> None:
    """Write a model's adapter into a policy's folder, and what it stands on."""
    config = copy.copy(model.peft_config["default"])
    assert isinstance(config, LoraConfig), "recipes configure LoRA and nothing else"
    config.target_modules = sorted(config.target_modules or [])  # a set has no order
    config.base_model_name_or_path = (DATA / start.policy).as_posix()
    config.inference_mode = True
    config.save_pretrained(str(folder))
    state = get_peft_model_state_dict(model, save_embedding_layers=False)
    weights = {name: value.float().contiguous() for name, value in state.items()}
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    text = json.dumps(asdict(start), indent=2, sort_keys=True)
    (folder / START).write_text(text + "\n")


def follow_chain(folder: Path) -> list[Path]:
    """List the folders that a policy is made of: full weights first, itself last.

    Raises:
        ArtifactError: one of them is missing, or not the one that was trained from.
    """
    chain = [folder]
    while (start := _read_start(chain[0])) is not None:
        below = DATA / start.policy
        if not below.exists():
            raise ArtifactError(
                f"{chain[0]} holds adapters over {below}, which is missing: run "
                f"`dvc checkout {below}`, after a `dvc pull` of it where it was pulled "
                "alone"
            )
        if fingerprint(below) != start.sha256:
            raise ArtifactError(
                f"{chain[0]} was trained from another {below} than is there now: run "
                "`dvc repro` to train it again, or `dvc checkout` to have both as they "
                "were"
            )
        chain.insert(0, below)
    return chain


def _read_start(folder: Path) -> Start | None:
    """Read what a policy stands on; None: on nothing, it has full weights."""
    if not (folder / CONFIG).exists():
        return None
    path = folder / START
    try:
        return Start(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise ArtifactError(
            f"{path} is damaged: run `dvc checkout --force {folder}`, or delete the "
            "folder and run again"
        ) from error


def stack_in_scratch(folders: Sequence[Path]) -> Path:
    """Find one adapter that is the sum of several; write it, if it is not there.

    Args:
        folders: of policies that stand on each other, as `follow_chain` lists them.
    """
    if len(folders) == 1:
        return folders[0]
    stacked = SCRATCH / "adapters" / fingerprint(folders[-1])[:16]
    if not stacked.exists():
        with make_whole_folder(stacked) as temporary:
            write_stacked(folders, temporary)
    return stacked
