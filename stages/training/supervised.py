"""Teach a policy the replies of dialogues, with TRL's SFTTrainer: SFT and warm-up.

All replies of a dialogue are learned in one pass: the ids and the mask of replies come
from the policy's own chat template (`ChatTemplate.encode_dialogue`), never from TRL's
patched copy of it, which exists for a few known templates only.

Departures from the paper: loss on replies and their ends of turn only, where the
paper's reported run most likely learned prompts and game-master text as well; whole
dialogues instead of a sample for every reply, so that each reply counts once; plus
those that all trainers share (`stages.training.recipe`).
"""

from collections.abc import Sequence
from typing import Any

from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from stages.common.chat import AnyMessage, ChatTemplate
from stages.common.policy import Policy
from stages.training.checkpoints import Checkpoints
from stages.training.labelled import IGNORED
from stages.training.precision import load_start
from stages.training.prefix import share_prefixes
from stages.training.recipe import (
    FileRecipe,
    Run,
    begin_training,
    configure_adapter,
    configure_trainer,
    count_rows,
    finish,
    lay_out,
    leave_out_overlong,
)

COLUMNS = ("grad_norm", "learning_rate", "entropy", "mean_token_accuracy")


def train(
    run: Run[FileRecipe],
    dialogues: Sequence[Sequence[AnyMessage]],
    max_length: int | None = None,
) -> None:
    """Train on dialogues that end in a reply; write the policy and its curve.

    Raises:
        StudyError: every dialogue is longer than `max_length` tokens.
        ArtifactError: the start policy is missing or damaged.
    """
    policy = load_start(run.start, run.compute, run.settings.adapter)
    rows = [label(dialogue, policy.chat) for dialogue in dialogues]
    if max_length is not None:
        rows = leave_out_overlong(rows, [len(r["input_ids"]) for r in rows], max_length)
    rows = lay_out(rows, [len(row["input_ids"]) for row in rows], run)
    checkpoints = run.checkpoints
    trainer = make_trainer(policy, run, checkpoints, rows)
    share_prefixes(policy.model)
    spent = count_rows([len(row["input_ids"]) for row in rows], run.settings.batch_size)
    finish(trainer, policy, run, checkpoints, COLUMNS, spent)


def make_trainer(
    policy: Policy,
    run: Run,
    checkpoints: Checkpoints,
    rows: Sequence[dict[str, Any]],
    *,
    on_cpu_at_once: int = 4,
) -> SFTTrainer:
    """Make TRL's trainer on rows in the order of training."""
    config = SFTConfig(
        **configure_trainer(run, checkpoints, on_cpu_at_once=on_cpu_at_once),
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    return SFTTrainer(
        begin_training(policy),
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=policy.tokenizer,
        peft_config=configure_adapter(run.settings.adapter),
    )


def label(dialogue: Sequence[AnyMessage], chat: ChatTemplate) -> dict[str, list[int]]:
    """Encode a dialogue: its ids, and as labels those of its replies."""
    ids, mask = chat.encode_dialogue(dialogue)
    labels = [
        token if learned else IGNORED for token, learned in zip(ids, mask, strict=True)
    ]
    return {"input_ids": ids, "labels": labels}
