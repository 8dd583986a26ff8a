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

from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from stages.common.chat import AnyMessage, ChatTemplate
from stages.common.policy import load_policy, locate_policy
from stages.training.labelled import IGNORED, score_labelled_only
from stages.training.recipe import (
    FileRecipe,
    Run,
    adapter_config,
    finish,
    laid_out,
    of_rows,
    trainable,
    trainer_settings,
    without_overlong,
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
    policy = load_policy(locate_policy(run.start), run.compute, dtype="float32")
    rows = [labelled(dialogue, policy.chat) for dialogue in dialogues]
    if max_length is not None:
        rows = without_overlong(rows, [len(r["input_ids"]) for r in rows], max_length)
    rows = laid_out(rows, [len(row["input_ids"]) for row in rows], run)
    checkpoints = run.checkpoints
    config = SFTConfig(
        **trainer_settings(run, checkpoints),
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    trainer = SFTTrainer(
        trainable(policy),
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=policy.tokenizer,
        peft_config=adapter_config(run.settings.adapter),
    )
    if run.compute.device == "cpu":
        score_labelled_only(policy.model)
    spent = of_rows([len(row["input_ids"]) for row in rows], run.settings.batch_size)
    finish(trainer, policy, run, checkpoints, COLUMNS, spent)


def labelled(
    dialogue: Sequence[AnyMessage], chat: ChatTemplate
) -> dict[str, list[int]]:
    """Return the ids of a dialogue, and as labels those of its replies."""
    ids, mask = chat.encode_dialogue(dialogue)
    labels = [
        token if learned else IGNORED for token, learned in zip(ids, mask, strict=True)
    ]
    return {"input_ids": ids, "labels": labels}
