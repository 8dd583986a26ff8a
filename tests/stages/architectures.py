"""Tiny random models of many architectures, with what each does in its own way.

Weights are so large that every id that is seen matters: a window that is forgotten, a
scale or a cap that is left out changes every score.
"""

from collections.abc import Mapping
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, PreTrainedModel

_SIZES: dict[str, Any] = {
    "vocab_size": 259, "hidden_size": 32, "intermediate_size": 48,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "max_position_embeddings": 512, "pad_token_id": 0, "bos_token_id": 1,
    "eos_token_id": 2,
}  # fmt: skip
_SMALL_HEADS = {"head_dim": 8}
_WINDOW = {"sliding_window": 7}
_BOTH_KINDS = {"layer_types": ["sliding_attention", "full_attention"]}


def _rope(kind: str, **more: object) -> dict[str, Any]:
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 1e4, **more}}


_LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0}

KINDS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", {"attention_bias": True, "mlp_bias": True}),
    "llama-3.1": (
        "Llama",
        _rope("llama3", factor=8.0, original_max_position_embeddings=16, **_LLAMA3),
    ),
    "yarn": ("Llama", _rope("yarn", factor=4.0, original_max_position_embeddings=32)),
    "qwen2": (
        "Qwen2",
        {"use_sliding_window": True, "max_window_layers": 1, **_WINDOW},
    ),
    "qwen3": ("Qwen3", _SMALL_HEADS),
    "qwen3-moe": (
        "Qwen3Moe",
        {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
        | _SMALL_HEADS,
    ),
    "gemma": ("Gemma", _SMALL_HEADS),
    "gemma2, attention uncapped": (
        "Gemma2",
        {"final_logit_softcapping": 2.0, "attn_logit_softcapping": None}
        | {"query_pre_attn_scalar": 5} | _SMALL_HEADS | _WINDOW,
    ),
    "gemma3": (
        "Gemma3Text",
        {"query_pre_attn_scalar": 5} | _SMALL_HEADS | _WINDOW | _BOTH_KINDS,
    ),
    "granite": (
        "Granite",
        {"logits_scaling": 8.0, "residual_multiplier": 0.3}
        | {"embedding_multiplier": 5.0, "attention_multiplier": 0.2},
    ),
    "cohere": ("Cohere", {"logit_scale": 0.2, "use_qk_norm": True}),
    "cohere2": ("Cohere2", {"logit_scale": 0.2} | _SMALL_HEADS | _WINDOW | _BOTH_KINDS),
    "phi": ("Phi", {"partial_rotary_factor": 0.5}),
    "phi3": ("Phi3", {"partial_rotary_factor": 0.5, **_WINDOW}),
    "mistral": ("Mistral", _SMALL_HEADS | _WINDOW),
    "mixtral": (
        "Mixtral",
        {"num_local_experts": 4, "num_experts_per_tok": 2} | _SMALL_HEADS | _WINDOW,
    ),
    "ministral": ("Ministral", _SMALL_HEADS | _WINDOW),
    "smollm3": (
        "SmolLM3",
        {"no_rope_layer_interval": 2, "use_sliding_window": True} | _WINDOW
        | _BOTH_KINDS,
    ),
    "olmo": ("Olmo", {"clip_qkv": 1.0}),
    "olmo2": ("Olmo2", {}),
    "olmo3": ("Olmo3", _WINDOW | _BOTH_KINDS),
    "starcoder2": ("Starcoder2", _WINDOW),
    "exaone4": ("Exaone4", _SMALL_HEADS | _WINDOW | {"sliding_window_pattern": 2}),
    "glm4": ("Glm4", {"partial_rotary_factor": 0.5} | _SMALL_HEADS),
    "granite-moe": (
        "GraniteMoe",
        {"num_local_experts": 4, "num_experts_per_tok": 2, "logits_scaling": 4.0},
    ),
    "gpt-neox": ("GPTNeoX", {"num_key_value_heads": None, "rotary_pct": 0.25}),
    "gpt2": ("GPT2", {"num_key_value_heads": None, "n_positions": 512}),
    "opt": (
        "OPT",
        {"num_key_value_heads": None, "ffn_dim": 48, "word_embed_proj_dim": 32},
    ),
}  # fmt: skip
"""What the engines compute exactly: (class of config, what differs)."""

OTHERS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "gemma2": ("Gemma2", {"attn_logit_softcapping": 2.0} | _SMALL_HEADS),
    "gpt-oss": (
        "GptOss",
        {"num_local_experts": 2, "num_experts_per_tok": 1} | _SMALL_HEADS
        | _rope("default"),
    ),
    "stablelm": ("StableLm", {"partial_rotary_factor": 0.5}),
    "nemotron": ("Nemotron", {"partial_rotary_factor": 0.5} | _SMALL_HEADS),
    "lfm2": ("Lfm2", {"layer_types": ["conv", "full_attention"]}),
    "diff-llama": ("DiffLlama", _SMALL_HEADS),
    "gpt-j": ("GPTJ", {"n_positions": 512, "rotary_dim": 4}),
    "mamba": ("Mamba", {"state_size": 4}),
    "bloom": ("Bloom", {}),
    "llama4, small chunks": (
        "Llama4Text",
        {"num_local_experts": 2, "num_experts_per_tok": 1, "attention_chunk_size": 16}
        | {"intermediate_size_mlp": 48} | _SMALL_HEADS,
    ),
    "deepseek-v3": (
        "DeepseekV3",
        {"q_lora_rank": 16, "kv_lora_rank": 16, "qk_rope_head_dim": 8}
        | {"qk_nope_head_dim": 8, "v_head_dim": 8, "n_routed_experts": 4}
        | {"num_experts_per_tok": 2, "n_group": 1, "topk_group": 1}
        | {"moe_intermediate_size": 16, "num_key_value_heads": 4},
    ),
}  # fmt: skip
"""What they do not compute, for one reason or another."""


def make_model(name: str, **more: object) -> PreTrainedModel:
    """Make the model of a kind, with some settings changed."""
    architecture, own = (KINDS | OTHERS)[name]
    settings = {
        key: value
        for key, value in (_SIZES | own | more).items()
        if value is not None or key == "attn_logit_softcapping"
    }
    config = getattr(transformers, f"{architecture}Config")(**settings)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config)
        with torch.no_grad():
            for weight in model.parameters():
                if weight.ndim > 1:
                    weight.normal_(std=0.3)
    return model.eval()
