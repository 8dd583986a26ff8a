"""What cannot be used is neither written as a policy nor read as one."""

from pathlib import Path

import pytest
import torch

from games.errors import ArtifactError
from stages.base.tiny import make_tiny_policy
from stages.common.policy import load_policy, save_policy
from tests.stages.material import COMPUTE


@pytest.mark.parametrize("number", [torch.nan, torch.inf, -torch.inf])
def test_a_policy_of_no_numbers_is_not_written(number: float, project: Path) -> None:
    """One weight is enough; what was there before stays."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=1)
    save_policy(model, tokenizer, Path("data/sft"))
    before = Path("data/sft/model.safetensors").read_bytes()
    with torch.no_grad():
        model.model.layers[0].mlp.up_proj.weight[3, 5] = number

    with pytest.raises(ArtifactError, match="data/sft has weights that are no finite"):
        save_policy(model, tokenizer, Path("data/sft"))

    assert Path("data/sft/model.safetensors").read_bytes() == before


def test_a_policy_of_no_numbers_is_not_read(project: Path) -> None:
    """Neither as it was written nor in a type that cannot hold its numbers."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=1)
    with torch.no_grad():
        model.model.layers[0].mlp.up_proj.weight[3, 5] = 1e6
    save_policy(model, tokenizer, Path("data/sft"))
    load_policy(Path("data/sft"), COMPUTE)
    with pytest.raises(ArtifactError, match="short dtype, take float32"):
        load_policy(Path("data/sft"), COMPUTE, dtype="float16")

    with torch.no_grad():
        model.model.layers[0].mlp.up_proj.weight[3, 5] = torch.nan
    model.save_pretrained("data/sft")
    with pytest.raises(ArtifactError, match="no finite numbers"):
        load_policy(Path("data/sft"), COMPUTE)


def test_a_tokenizer_may_name_ids_that_nobody_writes(project: Path) -> None:
    """As those of Gemma 3 do for images; one that is written has to have a row."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=1)
    tokenizer.add_special_tokens({"extra_special_tokens": ["<image>"]})
    save_policy(model, tokenizer, Path("data/base"))
    load_policy(Path("data/base"), COMPUTE)

    tokenizer.chat_template = "<image>" + tokenizer.chat_template
    save_policy(model, tokenizer, Path("data/base"))
    with pytest.raises(ArtifactError, match=r"\('<image>' is 259, there are 259\)"):
        load_policy(Path("data/base"), COMPUTE)
