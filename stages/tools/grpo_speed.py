"""How long a step of GRPO takes, ours and TRL's own way.

`python -m stages.tools.grpo_speed` takes one step three ways on the same 64 episodes of
relay, eight of each of eight instances, with the start policy as partner. Ours plays
them, then scores each group in one pass; the second way is ours without shared prefixes
and folded adapters. TRL's way generates turn after turn, all episodes at once, padded
and from their start, then scores them padded. There the replies are forced to be those
that ours sampled, so that all do the same work. Seconds are those of this process on
one processor: what else runs there does not count.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from datasets import Dataset
from transformers import LogitsProcessor, PreTrainedModel
from trl import GRPOConfig, GRPOTrainer

from games.registry import GAMES
from pipeline.params.read import load_params
from pipeline.params.sections.grpo import GrpoSettings
from stages.common.cli import run
from stages.common.policy import Policy, load_policy, locate_policy
from stages.grpo.fields import collect_fields
from stages.grpo.rollout import Rollout, Task
from stages.grpo.rollouts import Rollouts
from stages.grpo.trainer import GroupedGRPOTrainer
from stages.playing.table import Table
from stages.tools.selfplay_speed.relay import GAME, ROLES, make_relay_instances
from stages.training.folded import folded
from stages.training.prefix import share_prefixes
from stages.training.recipe import begin_training, configure_adapter
from stages.training.ways import Way

_GROUPS, _GROUP_SIZE = 8, 8
_LEARNER = ROLES[0]
_AT_ONCE = 2
"""Episodes that TRL scores at once: eight padded ones want too much memory."""

PlayFunction = Callable[[list[str], Any], dict[str, list]]


class _Forced(LogitsProcessor):
    """Makes each row say what was sampled before, and then nothing but ends."""

    def __init__(self, replies: Sequence[list[int]], start: int, end: int) -> None:
        self._replies, self._start, self._end = replies, start, end

    def __call__(self, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        place = ids.shape[1] - self._start  # (B, T) -> which id of the reply
        forced = torch.full_like(scores, -torch.inf)
        for row, reply in enumerate(self._replies):
            forced[row, reply[place] if place < len(reply) else self._end] = 0.0
        return forced


def imitate_trl(rollouts: Sequence[Rollout], policy: Policy) -> PlayFunction:
    """Make what generates the same episodes by `generate`, one turn of all a call."""
    end = policy.chat.end_of_turn

    def play(prompts: list[str], trainer: Any) -> dict[str, list]:
        model = trainer.accelerator.unwrap_model(trainer.model)
        model.eval()
        for turn in range(GAME.spec.max_turns):
            asked = [_split_turn(one.table, turn) for one in rollouts]
            width = max(len(ids) for ids, _ in asked)
            ids = torch.full((len(asked), width), end)
            seen = torch.zeros_like(ids)
            for row, (prompt, _) in enumerate(asked):
                ids[row, width - len(prompt) :] = torch.tensor(prompt)
                seen[row, width - len(prompt) :] = 1
            replies = [reply for _, reply in asked]
            model.generate(
                input_ids=ids,
                attention_mask=seen,
                do_sample=True,
                top_k=0,
                eos_token_id=end,
                pad_token_id=end,
                max_new_tokens=max(map(len, replies)),
                logits_processor=[_Forced(replies, width, end)],
            )
        model.train()
        fields = collect_fields(rollouts, end)
        return fields | {"episode_reward": _make_rewards(len(rollouts))}

    return play


def _split_turn(table: Table, turn: int) -> tuple[list[int], list[int]]:
    """Split a turn into the ids before its reply, and the reply's."""
    said = table.session.turns[turn]
    stream = table.streams[said.role]
    start = stream.starts[turn // len(ROLES)]
    return stream.ids[:start], said.token_ids


def _make_rewards(num: int) -> list[float]:
    """Make rewards that differ within every group, as those of relay do not."""
    return [float(place % 2) for place in range(num)]


class TimedRollouts(Rollouts):
    """Plays the episodes our way, keeps them, and tells how long that took."""

    kept: Sequence[Rollout] = ()
    seconds = 0.0

    def __call__(self, prompts: list[str], trainer: Any) -> dict[str, list]:
        """Play as the study's trainer does."""
        start = time.process_time()
        fields = super().__call__(prompts, trainer)
        self.seconds = time.process_time() - start
        return fields | {"episode_reward": _make_rewards(len(prompts))}

    def play(
        self,
        tasks: Sequence[Task],
        model: PreTrainedModel,
        step: int,
        *,
        again: int = 0,
    ) -> list[Rollout]:
        """Play one episode for each task, and keep them."""
        rollouts = super().play(tasks, model, step, again=again)
        self.kept = rollouts
        return rollouts


def take_steps(
    policy: Policy,
    settings: GrpoSettings,
    names: Sequence[str],
    play: PlayFunction,
    trainer_class: type[GRPOTrainer],
    *,
    steps: int = 1,
    groups: int = _GROUPS,
    at_once: int = _GROUP_SIZE,
    way: Way | None = None,
) -> float:
    """Take one step of GRPO or more; return the seconds, start-up left out."""
    size = groups * _GROUP_SIZE
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder,
            max_steps=steps,
            per_device_train_batch_size=at_once,
            gradient_accumulation_steps=size // at_once,
            generation_batch_size=size,
            num_generations=_GROUP_SIZE,
            beta=settings.beta,
            temperature=1.0,
            max_completion_length=policy.model.config.max_position_embeddings,
            shuffle_dataset=False,
            remove_unused_columns=False,
            save_strategy="no",
            report_to="none",
            use_cpu=policy.model.device.type == "cpu",
            bf16=False,
            activation_checkpointing=False,
        )
        trainer = trainer_class(
            begin_training(policy),
            reward_funcs=lambda prompts, completions, **f: f["episode_reward"],
            args=config,
            train_dataset=Dataset.from_list([{"prompt": name} for name in names]),
            processing_class=policy.tokenizer,
            peft_config=configure_adapter(settings.adapter),
            rollout_func=play,
        )
        if trainer_class is GroupedGRPOTrainer:
            share_prefixes(policy.model, extras=["entropy"], way=way)
        start = time.process_time()
        ours = trainer_class is GroupedGRPOTrainer and way is None
        assert isinstance(trainer.model, torch.nn.Module)
        with folded(trainer.model) if ours else nullcontext():
            trainer.train()
        return time.process_time() - start


def measure() -> dict[str, float]:
    """Take the same step both ways, in float32 as the study trains."""
    params = load_params()
    compute = params.compute.model_copy(update={"device": "cpu", "threads": 1})
    settings = next(iter(map(params.grpo.variant, params.grpo.variants)))
    GAMES[GAME.spec.name] = GAME
    tasks = [Task(one, _LEARNER) for one in make_relay_instances(_GROUPS)]
    names, start = [task.name for task in tasks], locate_policy("base")

    def policy() -> Policy:
        return load_policy(start, compute, dtype="float32")

    one = policy()
    ours = TimedRollouts(tasks, one.chat, settings, None, seed=0)
    our_seconds = take_steps(one, settings, names, ours, GroupedGRPOTrainer)
    print(f"ours: {our_seconds:.1f} s", flush=True, file=sys.stderr)
    plain = policy()
    unshared = TimedRollouts(tasks, plain.chat, settings, None, seed=0)
    row_seconds = take_steps(
        plain,
        settings,
        names,
        unshared,
        GroupedGRPOTrainer,
        at_once=_AT_ONCE,
        way=Way.ROWS,
    )
    print(f"row by row: {row_seconds:.1f} s", flush=True, file=sys.stderr)
    other = policy()
    theirs = imitate_trl(ours.kept, other)
    trl_seconds = take_steps(
        other, settings, names, theirs, GRPOTrainer, at_once=_AT_ONCE
    )
    return {
        "episodes": len(ours.kept),
        "sampled_tokens": sum(
            len(turn.token_ids) for r in ours.kept for turn in r.table.session.turns
        ),
        "our_seconds": round(our_seconds, 1),
        "our_rollout_seconds": round(ours.seconds, 1),
        "row_by_row_seconds": round(row_seconds, 1),
        "row_by_row_rollout_seconds": round(unshared.seconds, 1),
        "trl_seconds": round(trl_seconds, 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON on one line")
    measured = measure()
    if parser.parse_args().json:
        print(json.dumps(measured))
    else:
        print(*(f"{name}: {value}" for name, value in measured.items()), sep="\n")
        for way, name in (("TRL's own way", "trl"), ("row by row", "row_by_row")):
            ratio = measured[f"{name}_seconds"] / measured["our_seconds"]
            print(f"{way} takes {ratio:.2f} times as long")


if __name__ == "__main__":
    run(main)
