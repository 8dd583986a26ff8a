"""What the benchmark of trainers trains on, and that all its ways run."""

from pathlib import Path

import pytest

from pipeline.params.read import load_params
from stages.common.policy import load_policy
from stages.tools import training_speed
from stages.training.ways import Way
from tests.stages.material import COMPUTE

PARAMS = Path(__file__).parents[3] / "params.yaml"


@pytest.mark.filterwarnings("ignore:`is_gradient_check:FutureWarning")
def test_each_trainer_takes_its_steps_in_every_way(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SFT and both levels of DPO: in one pass, row by row, and as TRL does it."""
    monkeypatch.setattr(training_speed, "_STEPS", 1)
    params = load_params(PARAMS)
    policy = load_policy(tiny_policy, COMPUTE)

    found = training_speed.jobs(params, policy)

    assert list(found) == ["sft", *params.dpo.variants]
    for job, make in found.values():
        for way, is_trls in ((None, False), (Way.ROWS, False), (None, True)):
            assert training_speed.seconds(job, make, 2, way, is_trls=is_trls) > 0


def test_its_episodes_are_won_and_lost() -> None:
    """There is something to show, and something to prefer."""
    outcomes = {one.outcome for one in training_speed.episodes(["taboo"], 0)}

    assert "success" in outcomes and len(outcomes) > 1
