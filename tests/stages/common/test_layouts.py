"""Tokenizers laid out as published ones are read as they are."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import chat_template_utils

from games.errors import ArtifactError
from stages.base.tiny import make_tiny_tokenizer
from stages.common.chat import ChatTemplate
from stages.common.dates import DATE, fix_date
from tests.stages.layouts import LAYOUTS, lay_out_tokenizer

TURNS = ["name a bird", "the wren", "another\n▢ one", "a  robin\n\nthere", "and?", "no"]
CHAT = [
    {"role": ("user", "assistant")[place % 2], "content": text}
    for place, text in enumerate(TURNS)
]


def load(name: str, folder: Path) -> PreTrainedTokenizerBase:
    """Load a layout's tokenizer as a policy's is loaded."""
    lay_out_tokenizer(name, folder)
    return AutoTokenizer.from_pretrained(folder, trust_remote_code=False)


@pytest.mark.parametrize("name", LAYOUTS)
def test_turn_by_turn_is_the_whole_in_ids(name: str, tmp_path: Path) -> None:
    """Whatever puts spaces before a text, or swallows them behind a special token."""
    tokenizer = load(name, tmp_path)
    chat = ChatTemplate(tokenizer, name)

    ids, mask = chat.encode_dialogue(CHAT)
    streamed = chat.encode_prompt(CHAT[:1])
    for reply, question in zip(CHAT[1::2], [*CHAT[2::2], None], strict=True):
        streamed += chat._encode_text(reply["content"])
        streamed += chat.extend(question["content"]) if question else []

    rendered = tokenizer.apply_chat_template(CHAT, tokenize=False)
    whole = tokenizer(rendered, add_special_tokens=False)["input_ids"]
    assert ids == streamed == whole[: len(ids)]
    assert tokenizer.decode([chat.end_of_turn]) == LAYOUTS[name].end_of_turn
    learned = [one for one, is_learned in zip(ids, mask, strict=True) if is_learned]
    assert learned.count(chat.end_of_turn) == len(TURNS) // 2
    assert [chat.decode(chat._encode_text(t)).strip() for t in TURNS] == TURNS


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_prompt_begins_the_dialogue(name: str, tmp_path: Path) -> None:
    """What a policy is asked is what it is trained on, up to its reply."""
    chat = ChatTemplate(load(name, tmp_path), name)
    ids, _ = chat.encode_dialogue(CHAT)

    for num in (1, 3, 5):
        prompt = chat.encode_prompt(CHAT[:num])
        assert prompt == ids[: len(prompt)]


def test_a_reply_that_ended_otherwise_is_learned_with_its_end(tmp_path: Path) -> None:
    """Its own end is learned, the template's, which nobody sampled, is not."""
    chat = ChatTemplate(tokenizer := load("phi-3", tmp_path), "phi-3")
    said = [*chat._encode_text("wren")[:-1], tokenizer.eos_token_id]

    ids, mask = chat.encode_dialogue([CHAT[0], {**CHAT[1], "content": "wren"}])
    other, learned = chat.encode_dialogue(
        [CHAT[0], {"role": "assistant", "content": "wren", "token_ids": said}]
    )

    assert tokenizer.eos_token_id in chat.ends
    assert chat.end_of_turn != tokenizer.eos_token_id
    assert other == [*ids[:-1], tokenizer.eos_token_id, chat.end_of_turn]
    assert learned == [*mask, 0]


@pytest.mark.parametrize("name", ["llama-3.1", "granite"])
def test_the_prompt_does_not_depend_on_the_day(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tomorrow the same ids, also where others render the tokenizer's template."""
    tokenizer = load(name, tmp_path)
    unfixed = tokenizer.chat_template
    chat = ChatTemplate(tokenizer, name)
    today = chat.encode_prompt(CHAT[:1])
    tokenizer.save_pretrained(tmp_path / "saved")

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2031, 5, 9)

    monkeypatch.setattr(chat_template_utils, "datetime", Tomorrow)

    saved = AutoTokenizer.from_pretrained(tmp_path / "saved", trust_remote_code=False)
    for one in (tokenizer, saved):
        text = one.apply_chat_template(CHAT[:1], tokenize=False)
        assert "2031" not in text and "2024" in text
    assert ChatTemplate(saved, name).encode_prompt(CHAT[:1]) == today
    tokenizer.chat_template = unfixed
    assert "2031" in tokenizer.apply_chat_template(CHAT[:1], tokenize=False)


def test_all_ways_to_write_a_date_are_the_days() -> None:
    """Also without leading zeros; a template without a date is left as it is."""
    tokenizer = make_tiny_tokenizer()
    formats = ["%d %b %Y", "%B %-d, %Y", "%Y-%m-%d", "%A %H:%M", "%F", "%e/%-m", "%p"]
    template = fix_date(
        "\n  {%- for format in messages[0]['content'].split('|') %}"
        "{{ strftime_now(format) }}|{% endfor %}"
    )

    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": "|".join(formats)}],
        chat_template=template,
        tokenize=False,
    )

    assert text == "".join(f"{DATE.strftime(one)}|" for one in formats)
    assert fix_date(template) == template
    assert fix_date(tokenizer.chat_template) == tokenizer.chat_template


def test_a_template_keeps_the_space_that_it_begins_with() -> None:
    """What is put before it prints nothing, and swallows nothing."""
    tokenizer = make_tiny_tokenizer()

    def render(template: str) -> str:
        chat = [{"role": "user", "content": "x"}]
        return tokenizer.apply_chat_template(
            chat, chat_template=template, tokenize=False
        )

    for start in ("", " ", "\n", "  \n ", "  {% if true %}y{% endif %}"):
        plain = start + "{{ messages[0]['content'] }}"
        assert render(fix_date(plain + "{# strftime_now #}")) == render(plain)


def test_an_end_that_is_plain_text_is_refused(tmp_path: Path) -> None:
    """A token that the tokenizer does not know as special can be said by anybody."""
    lay_out_tokenizer("gemma", tmp_path)
    file = tmp_path / "tokenizer.json"
    known = json.loads(file.read_text(encoding="utf-8"))
    for token in known["added_tokens"]:
        token["special"] = token["special"] and token["content"] != "<end_of_turn>"
    file.write_text(json.dumps(known), encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps(
            {"tokenizer_class": "GemmaTokenizer", **LAYOUTS["gemma"].named}
            | {"chat_template": LAYOUTS["gemma"].template}
        ),
        encoding="utf-8",
    )
    tokenizer = AutoTokenizer.from_pretrained(tmp_path, trust_remote_code=False)

    with pytest.raises(ArtifactError, match="does not end a reply with a special"):
        ChatTemplate(tokenizer, "it")
