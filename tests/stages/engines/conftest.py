"""Where engines are tested: on a CPU always, on a GPU where there is one."""

import pytest

from stages.base.tiny import make_tiny_tokenizer
from stages.common.chat import ChatTemplate
from tests.stages.engines.paged import GPU


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=GPU)])
def device(request: pytest.FixtureRequest) -> str:
    """Return a device: the same test is run on each."""
    return request.param


@pytest.fixture(scope="module")
def chat() -> ChatTemplate:
    """Return the tiny tokenizer's chat template."""
    return ChatTemplate(make_tiny_tokenizer())
