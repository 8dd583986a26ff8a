"""What tests train by default, whatever the committed study trains."""

from typing import Any

VARIANTS = {
    "seeds": [0],
    "dpo.variants": ["dpo-dialogue", "dpo-turn"],
    "grpo.variants": ["grpo"],
}
"""By the dotted keys of params.yaml."""


def choose_variants(params: dict[str, Any]) -> None:
    """Let parameters train one seed of few variants."""
    for key, value in VARIANTS.items():
        *sections, last = key.split(".")
        section = params
        for name in sections:
            section = section[name]
        section[last] = list(value)
