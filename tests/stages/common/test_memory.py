"""A job that cannot fit is refused before anything is loaded."""

from pathlib import Path

import pytest

from games.errors import ArtifactError, StudyError
from pipeline.params.sections.training import Adapter
from stages.common import memory
from stages.common.memory import (
    SESSION,
    Shape,
    estimate_playing,
    estimate_training,
    read_shape,
)
from stages.common.policy import load_policy
from stages.training.precision import load_start
from tests.stages.material import COMPUTE

SMOLLM2 = Shape(134515008, 106168320, 305280, 30, 576, 1536, 192)
LORA = Adapter(enabled=True, rank=32, alpha=64)
FULL = Adapter(enabled=False, rank=32, alpha=64)
SHORT = COMPUTE.model_copy(update={"dtype": "bfloat16", "train_dtype": "bfloat16"})


def test_a_shape_is_read_without_weights(tiny_policy: Path) -> None:
    """It counts what the loaded model has."""
    shape = read_shape(tiny_policy)

    assert shape.weights == load_policy(tiny_policy, COMPUTE).model.num_parameters()
    assert (shape.layers, shape.width, shape.inner, shape.keys) == (2, 32, 64, 16)
    assert shape.linear == 2 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 64)


def test_a_missing_policy_is_named(project: Path) -> None:
    """Before its shape is asked for."""
    with pytest.raises(ArtifactError, match="dvc repro"):
        read_shape(Path("data/sft/sft/0"))


@pytest.mark.parametrize(("sessions", "measured"), [(16, 3923), (48, 8385)])
def test_playing_takes_what_was_measured(sessions: int, measured: int) -> None:
    """Peaks of SmolLM2-135M on a CPU, in MiB: sessions of 1,024 ids each."""
    estimate = estimate_playing(SMOLLM2, COMPUTE, sessions).total / 2**20

    assert SESSION == 1024
    assert estimate == pytest.approx(measured, rel=0.1)


@pytest.mark.parametrize(
    ("adapter", "ids", "measured"),
    [(LORA, 2000, 5780), (LORA, 1200, 3894), (FULL, 2000, 5917)],
)
def test_training_takes_what_was_measured(
    adapter: Adapter, ids: int, measured: int
) -> None:
    """Peaks of SFT and DPO of SmolLM2-135M on a CPU, in MiB."""
    estimate = estimate_training(SMOLLM2, COMPUTE, adapter, ids=ids).total / 2**20

    assert estimate == pytest.approx(measured, rel=0.1)


def test_an_adapter_takes_less_than_full_weights() -> None:
    """And short floats less than long ones."""
    lora = estimate_training(SMOLLM2, COMPUTE, LORA, ids=1024)
    full = estimate_training(SMOLLM2, COMPUTE, FULL, ids=1024)
    short = estimate_training(SMOLLM2, SHORT, LORA, ids=1024)

    assert full.trained == 16 * SMOLLM2.weights > 10 * lora.trained
    assert short.weights == lora.weights / 2
    assert short.trained == lora.trained, "what is trained is float32"


def test_a_training_that_cannot_fit_is_refused(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the estimate, what there is, and what to change; nothing is loaded."""
    monkeypatch.setattr(memory, "measure_memory", lambda _: 5e8)
    monkeypatch.setattr("stages.training.precision.load_policy", None)

    with pytest.raises(StudyError, match=r"needs about .* cpu has 0\.5 .*smaller base"):
        load_start("base", COMPUTE, LORA)
