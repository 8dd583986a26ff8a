"""What both engines read of a model's configuration, and how far they follow it.

Some models compute long sequences otherwise than short ones: layers see a window or a
chunk of the ids before, positions turn faster. The engines are tested against the
models of `_WINDOWED`, windows and all; those of others are played up to where it would
begin to matter, as if their context ended there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from transformers import PreTrainedConfig

from games.errors import ArtifactError

_WINDOWED = {
    "cohere2",
    "exaone4",
    "gemma2",
    "gemma3_text",
    "ministral",
    "mistral",
    "mixtral",
    "olmo3",
    "phi3",
    "qwen2",
    "qwen3",
    "smollm3",
    "starcoder2",
}
"""Types of models whose windows the engines are known to keep."""
_MOVING_ROPES = {"dynamic", "longrope"}
"""Positions turn by how long the longest session of a pass is."""
_OTHERS = {"max_window_layers"}
"""Names that sound like a bound, and count something else."""


def read_heads(config: PreTrainedConfig) -> tuple[int, int]:
    """Read (heads of keys, dimensions of a head) from a config.

    Raises:
        ArtifactError: it says neither.
    """
    known = _read(config)
    heads = _find(known, "num_attention_heads")
    dim = known.get("head_dim") or _find(known, "hidden_size") // heads
    return known.get("num_key_value_heads") or heads, dim


def count_layers(config: PreTrainedConfig) -> int:
    """Count the layers that keep keys and values.

    Raises:
        ArtifactError: the config does not say it.
    """
    return _find(_read(config), "num_hidden_layers")


def count_queries(config: PreTrainedConfig) -> int:
    """Count the heads that share a key.

    Raises:
        ArtifactError: the config does not say it.
    """
    return _find(_read(config), "num_attention_heads") // read_heads(config)[0]


def read_context(config: PreTrainedConfig) -> int:
    """Find how many positions of a session are computed as the model computes them.

    Raises:
        ArtifactError: the config does not say how many there are.
    """
    known = _read(config)
    return min([_find(known, "max_position_embeddings"), *_list_bounds(known)])


def moves_positions(config: PreTrainedConfig) -> bool:
    """Tell whether the model looks at all positions of a pass before it turns any."""
    return any(one.get("rope_type") in _MOVING_ROPES for one in _ropes(_read(config)))


def _read(config: PreTrainedConfig) -> dict[str, Any]:
    """Read what is known of the text model, by the usual names."""
    text = config.get_text_config()
    known = text.to_dict()
    for usual, own in text.attribute_map.items():
        if own in known:
            known.setdefault(usual, known[own])
    return known


def _find(known: Mapping[str, Any], name: str) -> int:
    if not known.get(name):
        raise ArtifactError(
            f"the model's config has no {name}, so that no engine here can run it: set "
            "compute.engine to vllm, or choose another model"
        )
    return known[name]


def _list_bounds(known: Mapping[str, Any]) -> Iterator[int]:
    """List the lengths beyond which the engines are not known to be right."""
    for rope in _ropes(known):
        original = rope.get("original_max_position_embeddings")
        if rope.get("rope_type") in _MOVING_ROPES and original:
            yield original
    if known.get("model_type") in _WINDOWED:
        return
    for name, value in known.items():
        is_bound = ("window" in name or "chunk" in name) and name not in _OTHERS
        if is_bound and isinstance(value, int) and value > 0:
            yield value


def _ropes(known: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """List the settings of positions: one of all layers, or one of each kind."""
    settings = known.get("rope_parameters") or {}
    yield settings
    yield from (one for one in settings.values() if isinstance(one, Mapping))
