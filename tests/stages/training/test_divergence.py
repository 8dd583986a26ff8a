"""A training that diverges stops at that step, in a sentence, and makes no policy."""

from pathlib import Path

import pytest
import torch

from games.errors import ArtifactError, StudyError
from pipeline.params.sections.sft import SftSettings
from pipeline.params.sections.training import Adapter
from stages.training import supervised
from stages.training.divergence import StopAtDivergence
from stages.training.recipe import Run
from stages.training.supervised import train
from tests.stages.material import COMPUTE, dialogues

# TRL and PEFT still read the old name
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_check:FutureWarning")


def run_of(**changes: object) -> Run:
    """Return the run that makes sft/sft/0 of the tiny policy."""
    usual = {
        "start": "base",
        "games": None,
        "epochs": 12,
        "batch_size": 4,
        "learning_rate": 1.0,
    }
    usual |= {"warmup_steps": 0, "max_length": 400, "save_steps": 2}
    adapter = Adapter(enabled=True, rank=4, alpha=1000000)
    settings = SftSettings(**(usual | changes), adapter=adapter)
    return Run("sft/sft/0", "base", settings, COMPUTE, 0, "key")


def test_a_diverged_training_stops_and_makes_no_policy(tiny_policy: Path) -> None:
    """With the step at which it happened, and what to lower."""
    with pytest.raises(StudyError, match=r"diverged: at step .* lower learning_rate"):
        train(run_of(), dialogues(8), 400)

    assert not Path("data/sft").exists()


def test_a_last_step_that_ruins_the_weights_makes_no_policy(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that is logged tells of it: the loss is of the weights before."""
    make = supervised.make_trainer

    def make_ruinous(*arguments: object, **options: object) -> object:
        trainer = make(*arguments, **options)
        step = trainer.training_step

        def training_step(*inputs: object) -> torch.Tensor:
            loss = step(*inputs)
            trainer.model.base_model.model.model.norm.weight.data.fill_(torch.nan)
            return loss

        trainer.training_step = training_step
        return trainer

    monkeypatch.setattr(supervised, "make_trainer", make_ruinous)
    with pytest.raises(ArtifactError, match="no finite numbers"):
        train(run_of(epochs=1, learning_rate=1e-3), dialogues(4), 400)

    assert not Path("data/sft").exists()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["loss", "grad_norm"])
def test_each_number_that_is_none_is_noticed(name: str, number: float) -> None:
    """Of the loss and of the gradient; other entries of the log are none of its."""
    stop, state = StopAtDivergence("sft/sft/0"), type("State", (), {"global_step": 7})()
    stop.on_log(None, state, None, {"loss": 1.5, "grad_norm": 2.0, "reward": number})
    stop.on_log(None, state, None, {"train_runtime": number})

    with pytest.raises(StudyError, match=f"sft/sft/0 has .* step 7 its {name} is"):
        stop.on_log(None, state, None, {"loss": 1.0, name: number})
