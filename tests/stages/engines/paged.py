"""What the tests of the paged engine ask, and of whom."""

import pytest
import torch
from transformers import PreTrainedModel

from stages.base.tiny import make_tiny_policy
from stages.common.chat import ChatTemplate
from stages.engines.backend import Reply, Request

POSITIONS = 2**14
GPU = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU"),
]


def tiny() -> PreTrainedModel:
    """Return a tiny untrained model."""
    return make_tiny_policy(hidden_size=32, layers=2)[0].eval()


def asked(chat: ChatTemplate, num: int) -> list[Request]:
    """Return requests of many lengths, some of which begin alike."""
    texts = ["name a bird", "count " * 9, "count " * 9 + "on", "a", "long " * 60]
    return [
        Request(
            place, chat.encode_prompt([{"role": "user", "content": text}]), place, num
        )
        for place, text in enumerate(texts * 3)
    ]


def said(replies: list[Reply]) -> list[list[int]]:
    """Return the ids of replies."""
    return [reply.ids for reply in replies]


def widen(model: PreTrainedModel) -> PreTrainedModel:
    """Make weights so wide that all ids count, and no two are about as likely."""
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.mul_(5)
    return model
