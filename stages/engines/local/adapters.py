"""Several policies from one base: whose adapter a model plays with."""

from collections.abc import Iterator
from contextlib import contextmanager

from peft import PeftModel
from transformers import PreTrainedModel

BASE = ""
"""The weights below all adapters."""


@contextmanager
def using(model: PreTrainedModel | PeftModel, adapter: str | None) -> Iterator[None]:
    """Let a model be one of its policies for a while; None: the one that it is."""
    if adapter is None:
        yield
        return
    assert isinstance(model, PeftModel), "a model without adapters is one policy"
    if adapter == BASE:
        with model.disable_adapter():
            yield
    else:
        before = str(model.active_adapter)
        model.set_adapter(adapter, inference_mode=True)
        try:
            yield
        finally:
            model.set_adapter(before)
