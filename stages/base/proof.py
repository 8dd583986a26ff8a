"""What the stage has written, read back and tried, before anybody depends on it.

A base that loads may still be of no use: ids without a row in the model, no token to
fill up rows with, an attention that the engine does not compute. It would be found out
hours later, and the stage would say that nothing has changed.
"""

from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase

from games.errors import ArtifactError
from pipeline.params.sections.study import Compute
from stages.common.policy import Policy, load_policy
from stages.engines.backend import Request
from stages.engines.choice import choose_engine
from stages.engines.local.soundness import check_engine

_QUESTION = "Name a bird."
_SAMPLED = 8


def prove(folder: Path, compute: Compute, name: str) -> None:
    """Load a policy, and let it say something.

    Args:
        folder: where it was saved.
        compute: how it will be played.
        name: for people.

    Raises:
        ArtifactError: it cannot be loaded, trained or played.
        ParamsError: `compute` asks for a GPU where there is none.
    """
    policy = load_policy(folder, compute)
    _confirm_padding(policy.tokenizer, name)
    ids = policy.chat.encode_prompt([{"role": "user", "content": _QUESTION}])
    with torch.no_grad():
        logits = policy.model(torch.tensor([ids], device=policy.model.device)).logits
    if not logits.isfinite().all():
        raise ArtifactError(
            f"{name} computes no finite numbers in {compute.dtype}: set compute.dtype "
            "to float32, or choose another model"
        )
    if compute.engine == "transformers":
        check_engine(policy, name)
        _say_something(policy, ids)


def _confirm_padding(tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    if tokenizer.pad_token_id is None and tokenizer.eos_token_id is None:
        raise ArtifactError(
            f"the tokenizer of {name} has neither a pad_token nor an eos_token, and "
            "training needs one of them: name one in its tokenizer_config.json"
        )


def _say_something(policy: Policy, ids: list[int]) -> None:
    """Sample a short greedy reply, which has to be text."""
    engine = choose_engine(policy.model, policy.chat.ends, temperature=0.0)
    (reply,) = engine.sample([Request("proof", ids, 0, _SAMPLED)])
    policy.chat.decode(reply.ids)
