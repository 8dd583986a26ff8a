"""A GGUF file as a policy: dequantised, in the shortest floats that lose nothing."""

from pathlib import Path

import torch
from gguf import GGUFReader
from transformers import GgufConfig, PreTrainedModel, PreTrainedTokenizerBase

from stages.common.loading import load_model, load_tokenizer

_SAME = 0.3
"""Two quantisations of one matrix differ by less of its norm, two matrices by more."""


def load_gguf(path: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a GGUF file, dequantised; embeddings that were one matrix are one again."""
    place = {"gguf_file": path.name}
    tokenizer = load_tokenizer(path.parent, **place)
    model = load_model(
        path.parent,
        **place,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.float32,
    )
    _tie_again(model, path)
    torch.nn.Module.to(model, _find_dtype(model))
    return model, tokenizer


@torch.no_grad()
def _tie_again(model: PreTrainedModel, path: Path) -> None:
    """Make one of input and output embeddings that only their quantisation tells apart.

    Files are written so where the output was to have more bits; it is kept for both.
    """
    below, above = model.get_input_embeddings(), model.get_output_embeddings()
    if below.weight is above.weight or below.weight.shape != above.weight.shape:
        return
    if (below.weight - above.weight).norm() > _SAME * above.weight.norm():
        return
    bits = {one.name: one.n_bytes / one.n_elements for one in GGUFReader(path).tensors}
    finer = above if bits["output.weight"] >= bits["token_embd.weight"] else below
    below.weight = above.weight = finer.weight
    model.config.tie_word_embeddings = True


def _find_dtype(model: PreTrainedModel) -> torch.dtype:
    """Find the shortest floats in which every weight is what it is in float32."""
    for dtype in (torch.bfloat16, torch.float16):
        if all(torch.equal(one.to(dtype).float(), one) for one in model.parameters()):
            return dtype
    return torch.float32
