"""Which policies the stages make, and from what: the rows of the report say so."""

from pathlib import Path

from pipeline.params.policies import list_sources
from pipeline.params.read import load_params
from tests.pipeline.test_params import write


def test_every_policy_names_its_start_first(tmp_path: Path) -> None:
    """Then whose episodes it learns from, or its partner; one policy a seed."""
    changes = {
        "seeds": [0, 3],
        "selfplay.learner": "base",
        "grpo.starts": ["base", "sft/sft/3"],
        "grpo.partner": {"kind": "policy"},
        "grpo.partner_policy": "warmup/formats",
        "dpo.variants": ["dpo-turn"],
        "policies": ["base"],
    }

    made = list_sources(load_params(write(tmp_path, changes)))

    expected = {"base": (), "warmup/formats": ("base",)}
    for seed in (0, 3):
        expected |= {
            f"sft/sft/{seed}": ("warmup/formats", "base"),
            f"dpo/dpo-turn/{seed}": ("sft/sft/0", "base"),
            f"grpo/base/grpo/{seed}": ("base", "warmup/formats"),
            f"grpo/sft/sft/3/grpo/{seed}": ("sft/sft/3", "warmup/formats"),
        }
    assert made == expected


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
