"""The models that are measured: the study's base policy, and one of the paper's shape.

The large one has Llama 3.1's layers, the base policy's vocabulary and random weights:
7.4 billion. It says anything, and ends a turn about never: its replies are as long as
they may be, whoever samples them.
"""

import torch
from transformers import AutoModelForCausalLM, LlamaConfig

from pipeline.params.read import load_params
from stages.common.chat import ChatTemplate
from stages.common.policy import Policy, load_policy, locate_policy

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
EPISODES = {"small": 256, "large": 64}
"""In flight at once, and in all."""

LARGE = {
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "max_position_embeddings": 8192,
    "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0},
    "tie_word_embeddings": False,
}


def load(name: str, dtype: str, device: str = "cuda") -> Policy:
    """Load the base policy, or make the large model with its tokenizer."""
    here = {"device": device if name == "small" else "cpu"}
    compute = load_params().compute.model_copy(update=here)
    base = load_policy(locate_policy("base"), compute, dtype=dtype)
    return base if name == "small" else enlarge(base, LARGE, dtype, device)


def enlarge(base: Policy, shape: dict, dtype: str, device: str) -> Policy:
    """Make a Llama of random weights on the device, with a policy's tokenizer."""
    config = LlamaConfig(vocab_size=base.model.config.vocab_size, **shape)
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(config, dtype=_DTYPES[dtype])
    return Policy(model.eval(), base.tokenizer, ChatTemplate(base.tokenizer))
