"""Prefer chosen to rejected replies, with TRL's DPOTrainer.

The reference is the start policy: the model without its adapters, or a frozen copy when
the full weights are trained.

Departures from the paper: the history of a turn-level pair is always in the context
(the released code dropped it); at dialogue level only the role's own replies enter the
log-probabilities, not the text of game master and partner between them; plus those that
all trainers share (`stages.training.recipe`).
"""

import copy
from collections.abc import Sequence
from typing import Any

from datasets import Dataset
from torch import Tensor
from trl import DPOConfig, DPOTrainer

from pipeline.params.sections.dpo import DpoSettings
from stages.common.chat import AnyMessage, ChatTemplate
from stages.common.policy import Policy
from stages.training.checkpoints import Checkpoints
from stages.training.precision import load_start
from stages.training.prefix import share_prefixes
from stages.training.recipe import (
    Run,
    begin_training,
    configure_adapter,
    configure_trainer,
    count_rows,
    finish,
    lay_out,
    leave_out_overlong,
    pad_rows,
)

COLUMNS = (
    "grad_norm",
    "learning_rate",
    "rewards/chosen",
    "rewards/rejected",
    "rewards/margins",
    "rewards/accuracies",
    "logps/chosen",
    "logps/rejected",
)
SIDES = ("chosen", "rejected")


class TokenisedDPOTrainer(DPOTrainer):
    """TRL's trainer on rows that are token ids and masks already."""

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        # TRL would tokenize messages, and count all after the prompt as reply
        return dataset


def train(
    run: Run[DpoSettings], settings: DpoSettings, pairs: Sequence[dict[str, Any]]
) -> None:
    """Train on preference pairs; write the policy and its curve.

    Raises:
        StudyError: every pair is longer than `max_length` tokens.
        ArtifactError: the start policy is missing or damaged.
    """
    policy = load_start(run.start, run.compute, run.settings.adapter)
    rows = [tokenise(pair, policy.chat) for pair in pairs]
    rows = leave_out_overlong(rows, measure_lengths(rows), settings.max_length)
    rows = lay_out(rows, measure_lengths(rows), run)
    checkpoints = run.checkpoints
    trainer = make_trainer(policy, run, checkpoints, rows)
    for model in filter(None, (policy.model, trainer.ref_model)):
        share_prefixes(model)
    tokens = [sum(len(row[f"{side}_ids"]) for side in SIDES) for row in rows]
    spent = count_rows(tokens, settings.batch_size)
    finish(trainer, policy, run, checkpoints, COLUMNS, spent)


def make_trainer(
    policy: Policy,
    run: Run,
    checkpoints: Checkpoints,
    rows: Sequence[dict[str, Any]],
    *,
    on_cpu_at_once: int = 4,
) -> TokenisedDPOTrainer:
    """Make the trainer on rows in the order of training."""
    settings: DpoSettings = run.settings
    full = not settings.adapter.enabled
    return TokenisedDPOTrainer(
        begin_training(policy),
        ref_model=copy.deepcopy(policy.model) if full else None,
        args=DPOConfig(
            **configure_trainer(run, checkpoints, on_cpu_at_once=on_cpu_at_once),
            beta=settings.beta,
            max_length=None,
        ),
        data_collator=_make_collator(policy),
        train_dataset=Dataset.from_list(rows),
        processing_class=policy.tokenizer,
        peft_config=configure_adapter(settings.adapter),
    )


def tokenise(pair: dict[str, Any], chat: ChatTemplate) -> dict[str, list[int]]:
    """Encode both sides as ids and masks, each with the whole history before it.

    The mask is 1 on the replies of that side, their ends of turn included; 0 on the
    prompt, replies in it included, and on user text between the replies.
    """
    start = len(chat.encode_prompt(pair["prompt"]))
    row = {}
    for side in SIDES:
        messages: list[AnyMessage] = [*pair["prompt"], *pair[side]]
        ids, mask = chat.encode_dialogue(messages)
        row[f"{side}_ids"] = ids
        row[f"{side}_mask"] = [0] * start + mask[start:]
    return row


def measure_lengths(rows: Sequence[dict[str, list[int]]]) -> list[int]:
    """Measure the longer side of each row."""
    return [max(len(row[f"{side}_ids"]) for side in SIDES) for row in rows]


def collate(rows: Sequence[dict[str, list[int]]], pad_id: int) -> dict[str, Tensor]:
    """Make a batch as TRL wants it: all chosen sides, then all rejected ones."""
    ids = [row[f"{side}_ids"] for side in SIDES for row in rows]
    masks = [row[f"{side}_mask"] for side in SIDES for row in rows]
    return {
        "input_ids": pad_rows(ids, pad_id),  # (2B, T)
        "attention_mask": pad_rows([[1] * len(one) for one in ids], 0),
        "completion_mask": pad_rows(masks, 0),
    }


def _make_collator(policy: Policy) -> Any:
    pad_id = policy.tokenizer.pad_token_id
    if pad_id is None:
        pad_id = policy.tokenizer.eos_token_id
    return lambda rows: collate(rows, pad_id)
