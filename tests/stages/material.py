"""Episodes, chats and settings that several tests of the stages use."""

import random
import warnings

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel

from games.session import Episode, Turn
from pipeline.params.sections.study import Compute

GRPO = {
    "start": "base",
    "partners": [{"kind": "expert", "skill": 1.0}],
    "partner_policy": "base",
    "redraws": 0,
    "reward": "score",
    "loss": "grpo",
    "scale_rewards": "group",
    "clip": 0.2,
    "clip_high": 0.2,
    "iterations": 1,
    "kl": "corrected",
    "schedule": "linear",
}
"""What most tests of GRPO leave as it is."""
COMPUTE = Compute(
    device="cpu",
    dtype="float32",
    train_dtype="float32",
    quantize=None,
    threads=1,
    jobs_per_gpu=1,
    engine="transformers",
)


def dialogues(num: int) -> list[list[dict[str, str]]]:
    """Return short chats of one to three exchanges, of different lengths."""
    rng = random.Random(1)
    chats = []
    for index in range(num):
        chat = []
        for turn in range(1 + index % 3):
            chat.append(
                {
                    "role": "user",
                    "content": f"say {index} {turn}" + "x" * rng.randrange(9),
                }
            )
            chat.append(
                {"role": "assistant", "content": "SAID: " + "y" * (1 + index % 5)}
            )
        chats.append(chat)
    return chats


def adapted(model: PreTrainedModel, *names: str) -> PeftModel:
    """Return a model with an adapter of each name, each of which changes something."""
    config = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of peft's way to transformers
        result = get_peft_model(model, config, names[0])
    for name in names[1:]:
        result.add_adapter(name, config)
    torch.manual_seed(0)
    for name, weight in result.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    return result.eval()


def episode(
    *turns: tuple[str, str, str], outcome: str = "success", **fields: object
) -> Episode:
    """Return an episode of (role, context, reply) turns, plain where not told."""
    usual = {
        "game": "taboo",
        "variant": "high",
        "instance_id": "high-0",
        "players": {"describer": "skilled", "guesser": "clumsy"},
        "sample": 0,
        "seed": 0,
        "reason": "",
        "ended_by": turns[-1][0],
        "main_score": 0.0,
    }
    played = [Turn(*turn) for turn in turns]
    return Episode(**(usual | fields), outcome=outcome, turns=played)
