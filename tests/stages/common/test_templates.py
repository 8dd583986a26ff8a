"""The chat templates of well-known models, as TRL ships them: sound, or refused.

Their tokenizers cannot be had without a hub; what matters here is the text that a
template puts around messages, and which special tokens it writes.
"""

import re
from pathlib import Path

import pytest
import trl
from transformers import PreTrainedTokenizerBase

from games.errors import ArtifactError
from stages.base.tiny import make_tiny_tokenizer
from stages.common.chat import ChatTemplate

FOLDER = Path(trl.__file__).parent / "chat_templates"
SPECIAL = re.compile(
    r"<\|[^|<>\s]+\|>|<(?:start|end)_of_turn>|<\|?turn\|?>|<bos>|<eos>|</?s>|\[/?INST\]"
)
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'user' %}[INST] {{ message['content'] }} [/INST]"
    "{% else %}{{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
)
"""Mistral's form, which TRL does not ship: no header before a reply."""
CHATML = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}"
    "<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""SmolLM2's form: a system message of its own before the first turn."""

SOUND = {
    "llama3": "<|eot_id|>",
    "llama3_1": "<|eot_id|>",
    "llama3_2": "<|eot_id|>",
    "qwen2_5": "<|im_end|>",
    "qwen3_instruct_2507": "<|im_end|>",
    "gemma": "<end_of_turn>",
    "gemma3": "<end_of_turn>",
    "phi3": "<|end|>",
    "lfm2": "<|im_end|>",
    "cohere": "<|END_OF_TURN_TOKEN|>",
}
"""The special token that ends a reply, by template."""
REFUSED = {
    "qwen3": "cannot be extended turn by turn",  # rewrites thoughts of earlier turns
    "gptoss": "cannot be extended turn by turn",
    "glm4moe": "does not end a reply with a special token",
    "smolvlm": "does not write what is said",
    "llava_next": "cannot be rendered",
}
TURNS = ["name a bird", "a wren", "another\n▢ one", "a robin", "and?", "no more"]
CHAT = [
    {"role": ("user", "assistant")[place % 2], "content": text}
    for place, text in enumerate(TURNS)
]


def tokenizer_for(template: str, end: str) -> PreTrainedTokenizerBase:
    """Return a byte-level tokenizer that knows the template's special tokens."""
    tokenizer = make_tiny_tokenizer()
    special = sorted({*SPECIAL.findall(template), end, "<s>"})
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    tokenizer.bos_token, tokenizer.eos_token = "<s>", end
    tokenizer.chat_template = template
    return tokenizer


def shipped(name: str) -> str:
    """Return a template that TRL ships."""
    return (FOLDER / f"{name}.jinja").read_text(encoding="utf-8")


def assert_sound(template: str, end: str) -> None:
    """Assert that pieces put together turn by turn are the rendered whole."""
    tokenizer = tokenizer_for(template, end)
    chat = ChatTemplate(tokenizer, "it")

    ids, mask = chat.encode_dialogue(CHAT)
    streamed = chat.encode_prompt(CHAT[:1])
    for reply, question in zip(CHAT[1::2], [*CHAT[2::2], None], strict=True):
        streamed += [*chat._encode(reply["content"]), chat.end_of_turn]
        streamed += chat.extend(question["content"]) if question else []

    whole = tokenizer.apply_chat_template(CHAT, tokenize=False)
    assert whole.startswith(tokenizer.decode(ids))
    assert whole[len(tokenizer.decode(ids)) :].strip() in ("", end)
    assert ids == streamed
    learned = [i for i, m in zip(ids, mask, strict=True) if m]
    assert tokenizer.decode(learned) == "".join(t + end for t in TURNS[1::2])


@pytest.mark.parametrize("name", SOUND)
def test_a_template_can_be_extended_turn_by_turn(name: str) -> None:
    """What is streamed turn by turn is what the template renders as a whole."""
    assert_sound(shipped(name), SOUND[name])


@pytest.mark.parametrize(
    ("template", "end"), [(MISTRAL, "</s>"), (CHATML, "<|im_end|>")]
)
def test_forms_that_trl_does_not_ship_can_be_extended(template: str, end: str) -> None:
    """Mistral's, where a reply has no header, and SmolLM2's are sound as well."""
    assert_sound(template, end)


@pytest.mark.parametrize("name", REFUSED)
def test_a_template_that_cannot_is_refused(name: str) -> None:
    """A template that rewrites earlier turns is named before anything is sampled."""
    tokenizer = tokenizer_for(shipped(name), "</s>")
    with pytest.raises(ArtifactError, match=f"{name} {REFUSED[name]}"):
        ChatTemplate(tokenizer, name)


def test_every_template_that_trl_ships_is_sound_or_refused() -> None:
    """No template passes the audit by accident or fails it with another error."""
    for path in sorted(FOLDER.glob("*.jinja")):
        tokenizer = tokenizer_for(path.read_text(encoding="utf-8"), "</s>")
        try:
            chat = ChatTemplate(tokenizer, path.stem)
        except ArtifactError:
            continue
        assert chat.end_of_turn in tokenizer.all_special_ids
