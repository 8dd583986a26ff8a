"""Which policies the stages make, and from what: the rows of the report say so."""

from pathlib import Path

import pytest

from games.errors import ParamsError
from pipeline.params.plan import confirm_plan, make_plan, write_plan
from pipeline.params.policies import list_evaluated, list_sources
from pipeline.params.read import load_params
from pipeline.params.sections.whole import Params
from tests.pipeline.test_params import write

CHANGES = {
    "seeds": [0, 3],
    "selfplay.learner": "base",
    "grpo.variants": ["solo", "chained"],
    "grpo.overrides": {
        "solo": {"start": "base"},
        "chained": {
            "start": "sft/sft",
            "partners": [{"kind": "policy"}],
            "partner_policy": "warmup/formats",
        },
    },
    "dpo.variants": ["dpo-turn"],
    "dpo.common.start": "sft/sft/3",
    "policies": ["grpo/chained/*", "base", "sft/*"],
}


@pytest.fixture
def params(tmp_path: Path) -> Params:
    """Parameters of two seeds, in which trainings start from each other."""
    return load_params(write(tmp_path, CHANGES))


def test_every_policy_names_its_start_first(params: Params) -> None:
    """Then whose episodes it learns from, or its partner; one policy a seed.

    A start without a seed is the one of the same seed; one with a seed is that one.
    """
    expected = {"base": (), "warmup/formats": ("base",)}
    for seed in (0, 3):
        expected |= {
            f"sft/sft/{seed}": ("warmup/formats", "base"),
            f"dpo/dpo-turn/{seed}": ("sft/sft/3", "base"),
            f"grpo/solo/{seed}": ("base", "base"),
            f"grpo/chained/{seed}": (f"sft/sft/{seed}", "warmup/formats"),
        }
    assert list_sources(params) == expected


def test_a_pattern_stands_for_all_policies_that_it_matches(params: Params) -> None:
    """In the order of the patterns, each policy once."""
    evaluated = ["grpo/chained/0", "grpo/chained/3", "base", "sft/sft/0", "sft/sft/3"]
    assert list_evaluated(params) == evaluated


def test_the_plan_names_every_training_and_every_evaluation(params: Params) -> None:
    """As dvc.yaml reads them."""
    plan = make_plan(params)["plan"]
    assert plan["grpo"]["chained-3"] == {
        "variant": "chained",
        "seed": 3,
        "start": "sft/sft/3",
        "partner": "warmup/formats",
    }
    assert list(plan["dpo"]) == ["dpo-turn-0", "dpo-turn-3"]
    assert plan["policies"] == list_evaluated(params)
    assert len(plan["play"]) == len(params.play.variants) * len(plan["policies"])


def test_a_plan_of_other_parameters_is_refused(params: Params, tmp_path: Path) -> None:
    """Until it is written anew, which leaves an equal one as it is."""
    path = tmp_path / "plan.yaml"
    write_plan(load_params(), path)
    with pytest.raises(ParamsError, match=r"run `python -m pipeline\.params`"):
        confirm_plan(params, path)
    write_plan(params, path)
    confirm_plan(params, path)
    before = path.stat().st_mtime_ns
    write_plan(params, path)
    assert path.stat().st_mtime_ns == before


def test_the_committed_plan_is_that_of_the_committed_parameters() -> None:
    """A clone can be run by DVC at once."""
    confirm_plan(load_params())


def test_sizes_are_those_of_the_splits() -> None:
    """A held-out game has as many test instances as the others."""
    instances = load_params().instances

    sizes = [instances.size(split) for split in ("train", "validation", "test")]
    assert sizes == [instances.train, instances.validation, instances.test]


def test_games_are_those_of_the_part() -> None:
    """No stage takes the games of the other one."""
    games = load_params().games

    assert games.of("held_in") == games.held_in
    assert games.of("held_out") == games.held_out != games.held_in
