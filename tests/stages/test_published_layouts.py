"""A study from bases laid out as published ones: taught, trained, played, measured."""

import os
from pathlib import Path

import pytest
import torch

from stages.common.episodes import read_episodes
from stages.common.files import read_json
from stages.common.keys import fingerprint
from stages.common.policy import load_policy, locate_policy
from tests.stages.layouts import lay_out_base
from tests.stages.material import COMPUTE
from tests.stages.small import run_stage, set_params, write_inputs

# TRL and PEFT still read the old name
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:`is_gradient_check:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*'rollout_func':UserWarning"),
]
CHANGED = ("warmup/formats", "sft/sft/0", "dpo/dpo-turn/0")
UNCHANGED = "grpo/grpo/0"
"""All rollouts of an untrained policy are aborted, so that none is better."""
GRPO = "--start base --variant grpo --seed 0 --partner base"
OTHERS = ("llama-3.1", "gemma", "granite", "qwen-2.5", "mistral", "llama-2")
"""Tried where LAYOUTS=all is in the environment: each takes five seconds or more."""
NAMES = ("phi-3", *OTHERS) if os.environ.get("LAYOUTS") == "all" else ("phi-3",)


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_study(name: str, project: Path) -> None:
    """Every stage that reads a policy takes it; the ends of replies are inherited."""
    lay_out_base(name, model := Path("model"))
    small = {"epochs": 1, "batch_size": 4, "max_length": 4000}
    rollouts = {"steps": 2, "groups": 1, "group_size": 2}
    set_params(
        base__source="folder",
        base__folder={"path": str(model), "sha256": fingerprint(model)},
        policies=["base", *CHANGED, UNCHANGED],
        warmup__tasks_per_template=1,
        sft__common__start="warmup/formats",
        dpo__common__start="sft/sft",
        dpo__overrides={"dpo-turn": {"level": "turn", **small}},
        dpo__variants=["dpo-turn"],
        sft__overrides={"sft": small},
        grpo__overrides={"grpo": rollouts},
        selfplay__pairings=[
            {"players": ["skilled", "skilled"], "samples": 1},
            {"players": ["clumsy", "learner"], "samples": 1},
        ],
        benchmarks__items=6,
    )
    write_inputs()
    run_stage("base")
    run_stage("warmup", "--variant", "formats")
    run_stage("selfplay")
    run_stage("demonstrations")
    run_stage("preferences")
    run_stage("sft", "--start", "warmup/formats", "--variant", "sft", "--seed", "0")
    run_stage("dpo", "--start", "sft/sft/0", "--variant", "dpo-turn", "--seed", "0")
    run_stage("grpo", *GRPO.split())
    run_stage("play", "--lineup", "self", "--policy", "sft/sft/0")
    run_stage("benchmarks", "--policy", "dpo/dpo-turn/0")

    assert list(read_episodes(Path("data/play/self/sft/sft/0/episodes.parquet")))
    scores = read_json(Path("data/benchmarks/dpo/dpo-turn/0/scores.json"))
    assert scores["mean_accuracy"] >= 0
    base = load_policy(locate_policy("base"), COMPUTE)
    ids = torch.arange(3, 40)[None]
    with torch.no_grad():
        before = base.model(ids).logits
        for policy_id in (*CHANGED, UNCHANGED):
            policy = load_policy(locate_policy(policy_id), COMPUTE)
            assert policy.chat.ends == base.chat.ends
            assert policy.tokenizer.chat_template == base.tokenizer.chat_template
            is_equal = torch.equal(policy.model(ids).logits, before)
            assert is_equal == (policy_id == UNCHANGED)
