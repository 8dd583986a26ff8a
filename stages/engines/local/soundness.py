"""Whether the engine computes what a model computes; asked before it plays.

A model of transformers may attend in ways that the engine does not know of (sinks,
chunks, states): it would sample from another distribution, without any error.
"""

import torch
from transformers import PreTrainedModel

from games.errors import ArtifactError
from stages.common.policy import Policy
from stages.engines.backend import Request
from stages.engines.choice import choose_engine

_QUESTION = "Name ten birds, ten fish and ten trees, each with a word about it. " * 3
_SAMPLED = 16
_MAX_GAP = {torch.float32: 0.02}
_MAX_GAP_OF_SHORT_FLOATS = 0.5
"""In nats: float16 and bfloat16 round every sum, and in another order."""


def check_engine(policy: Policy, name: str) -> None:
    """Compare log-probabilities of a sampled reply with the model's own.

    Raises:
        ArtifactError: they differ, or the engine cannot run the model at all.
    """
    model, ids = policy.model, policy.chat.encode_prompt([_user(_QUESTION)])
    try:
        engine = choose_engine(model, policy.chat.ends, temperature=1.0)
        (reply,) = engine.sample([Request("check", ids, 0, _SAMPLED)])
    except (AttributeError, IndexError, KeyError, RuntimeError, TypeError) as error:
        raise _unsound(name, str(error).split("\n")[0]) from error
    if not reply.ids:
        raise _unsound(name, f"it has no room for a reply after {len(ids)} ids")
    own = own_logprobs(model, ids, reply.ids)
    gap = (own - torch.tensor(reply.logprobs)).abs().max().item()
    if not gap <= _MAX_GAP.get(model.dtype, _MAX_GAP_OF_SHORT_FLOATS):
        raise _unsound(name, f"log-probabilities differ by {gap:.3f}")


@torch.no_grad()
def own_logprobs(
    model: PreTrainedModel, prompt: list[int], said: list[int]
) -> torch.Tensor:
    """Compute the model's log-probability of each id said after a prompt: (T,)."""
    ids = torch.tensor([prompt + said], device=model.device)
    logits = model(input_ids=ids).logits[0, len(prompt) - 1 : -1].float()
    return logits.log_softmax(-1).gather(1, ids[0, len(prompt) :, None])[:, 0].cpu()


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _unsound(name: str, why: str) -> ArtifactError:
    return ArtifactError(
        f"the engine does not compute what the model of {name} computes ({why}): set "
        "compute.engine to vllm, or choose another model"
    )
