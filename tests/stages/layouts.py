"""Base models laid out as published ones are, with a tiny vocabulary and no training.

What is kept of the published files is what can go wrong: normalizer, pre-tokenizer,
decoder and post-processor, the flags of added tokens, which of them the configuration
names, ids that end a reply, the form of the chat template, and the architecture.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers
import trl
from tokenizers import Regex as Pattern
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import AutoModelForCausalLM

SIZES: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
}  # fmt: skip
_SHIPPED = Path(trl.__file__).parent / "chat_templates"
_WORDS = ("th", "he", "in", "er", "an", "re", "on", "at", "en")
_SPLIT = r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+"


@dataclass(frozen=True)
class Layout:
    """How one family of models lays out its files."""

    family: str
    """"bytes": BPE over bytes; "pieces": sentencepiece's BPE."""
    tokenizer_class: str
    special: Sequence[str]
    """Tokens that are special in added_tokens, in the order of their ids."""
    named: dict[str, Any]
    """What tokenizer_config.json says of them."""
    ends: Sequence[str]
    """Of generation_config.json."""
    template: str
    architecture: str
    config: dict[str, Any] = field(default_factory=dict)
    plain: Sequence[str] = ()
    """Added tokens that are not special."""
    swallows: bool = False
    """Whether special tokens take the whitespace behind them."""
    leads: str | None = None
    """When a space is put before a text: "normalizer", "first" or not at all."""
    end_of_turn: str = ""


def shipped(name: str) -> str:
    """Return a chat template that TRL ships, as it was published."""
    return (_SHIPPED / f"{name}.jinja").read_text(encoding="utf-8")


_LLAMA2 = (
    "{% for m in messages %}{% if m['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + m['content'].strip() + ' [/INST]' }}"
    "{% else %}{{ ' ' + m['content'].strip() + ' ' + eos_token }}{% endif %}"
    "{% endfor %}"
)
_MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}"
    "{{ '[INST] ' + m['content'] + '[/INST]' }}"
    "{% else %}{{ ' ' + m['content'] | trim + eos_token }}{% endif %}{% endfor %}"
)
_GRANITE = (
    "{{ '<|start_of_role|>system<|end_of_role|>Today is ' + strftime_now('%B %d, %Y') "
    "+ '.<|end_of_text|>\n' }}{% for m in messages %}"
    "{{ '<|start_of_role|>' + m['role'] + '<|end_of_role|>' + m['content'] "
    "+ '<|end_of_text|>\n' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_of_role|>assistant<|end_of_role|>' }}{% endif %}"
)
_HEADERS = ["<|start_header_id|>", "<|end_header_id|>"]

LAYOUTS = {
    "llama-3.1": Layout(
        "bytes", "PreTrainedTokenizerFast",
        ["<|begin_of_text|>", "<|end_of_text|>", *_HEADERS, "<|eom_id|>", "<|eot_id|>"],
        {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
        ["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"],
        shipped("llama3_2"), "Llama",
        {"rope_parameters": {
            "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0,
            "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 1024,
        }},
        end_of_turn="<|eot_id|>",
    ),
    "qwen-2.5": Layout(
        "bytes", "Qwen2Tokenizer",
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        {"bos_token": None, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
         "additional_special_tokens": ["<|im_start|>", "<|im_end|>"]},
        ["<|im_end|>", "<|endoftext|>"], shipped("qwen2_5"), "Qwen2",
        plain=["<tool_call>", "</tool_call>"], end_of_turn="<|im_end|>",
    ),
    "granite": Layout(
        "bytes", "GPT2Tokenizer",
        ["<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>"],
        {"bos_token": "<|end_of_text|>", "eos_token": "<|end_of_text|>",
         "pad_token": "<|end_of_text|>", "unk_token": "<|end_of_text|>",
         "additional_special_tokens": ["<|start_of_role|>", "<|end_of_role|>"]},
        ["<|end_of_text|>"], _GRANITE, "Granite",
        {"logits_scaling": 8.0, "residual_multiplier": 0.22,
         "embedding_multiplier": 12.0, "attention_multiplier": 0.1},
        end_of_turn="<|end_of_text|>",
    ),
    "phi-3": Layout(
        "pieces", "LlamaTokenizer",
        ["<unk>", "<s>", "</s>", "<|endoftext|>", "<|assistant|>", "<|system|>",
         "<|end|>", "<|user|>"],
        {"bos_token": "<s>", "eos_token": "<|endoftext|>", "unk_token": "<unk>",
         "pad_token": "<|endoftext|>", "legacy": False, "add_prefix_space": True},
        ["<|endoftext|>", "<|end|>"], shipped("phi3"), "Phi3",
        {"sliding_window": 64},
        swallows=True, leads="normalizer", end_of_turn="<|end|>",
    ),
    "gemma": Layout(
        "pieces", "GemmaTokenizer",
        ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"],
        {"bos_token": "<bos>", "eos_token": "<eos>", "unk_token": "<unk>",
         "pad_token": "<pad>"},
        ["<eos>", "<end_of_turn>"], shipped("gemma"), "Gemma3Text",
        {"head_dim": 8, "query_pre_attn_scalar": 8, "sliding_window": 64},
        plain=["\n\n", "▁▁"], end_of_turn="<end_of_turn>",
    ),
    "mistral": Layout(
        "pieces", "LlamaTokenizer",
        ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"],
        {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
         "legacy": False, "add_prefix_space": True},
        ["</s>"], _MISTRAL, "Mistral", {"sliding_window": 64},
        leads="first", end_of_turn="</s>",
    ),
    "llama-2": Layout(
        "pieces", "LlamaTokenizer", ["<unk>", "<s>", "</s>"],
        {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
         "legacy": False, "add_prefix_space": None},
        ["</s>"], _LLAMA2, "Llama",
        leads="normalizer", end_of_turn="</s>",
    ),
}  # fmt: skip


def lay_out_tokenizer(name: str, folder: Path) -> dict[str, int]:
    """Write the files of a layout's tokenizer; return the ids of its added tokens."""
    layout = LAYOUTS[name]
    tokenizer = (_over_bytes if layout.family == "bytes" else _of_pieces)(layout)
    first = len(json.loads(tokenizer.to_str())["model"]["vocab"])
    known = json.loads(tokenizer.to_str())
    vocabulary = known["model"]["vocab"]
    added, ids = [], {}
    for token in [*layout.special, *layout.plain]:
        place = vocabulary.get(token, first)
        first += place == first
        ids[token] = place
        added.append(
            {
                "id": place, "content": token, "single_word": False, "lstrip": False,
                "rstrip": layout.swallows and token not in ("<unk>", "<s>"),
                "normalized": False, "special": token in layout.special,
            }
        )  # fmt: skip
    known["added_tokens"] = sorted(added, key=lambda one: one["id"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(known), encoding="utf-8")
    decoder = {
        str(one["id"]): {key: value for key, value in one.items() if key != "id"}
        for one in known["added_tokens"]
    }
    config = {
        "tokenizer_class": layout.tokenizer_class,
        "added_tokens_decoder": decoder,
        "chat_template": layout.template,
        "clean_up_tokenization_spaces": False,
        **layout.named,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return ids


def lay_out_base(name: str, folder: Path) -> None:
    """Write a whole base model of a layout, with random weights."""
    layout = LAYOUTS[name]
    ids = lay_out_tokenizer(name, folder)
    vocabulary = max(_count(folder), *ids.values()) + 1
    config = getattr(transformers, f"{layout.architecture}Config")(
        **SIZES | layout.config,
        vocab_size=vocabulary + 5,  # rows that no id has, as published ones have
        bos_token_id=ids.get(layout.named["bos_token"]),
        eos_token_id=ids[layout.ends[0]],
        pad_token_id=None,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config)
    model.generation_config.eos_token_id = [ids[end] for end in layout.ends]
    model.save_pretrained(folder)


def _count(folder: Path) -> int:
    known = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    return max(known["model"]["vocab"].values())


def _over_bytes(layout: Layout) -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("t", "h"), ("h", "e"), ("Ġ", "t"), ("i", "n"), ("Ċ", "Ċ")]
    symbols = alphabet + ["".join(pair) for pair in merges]
    vocabulary = {symbol: place for place, symbol in enumerate(symbols)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Pattern(_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _of_pieces(layout: Layout) -> Tokenizer:
    symbols = list(layout.special[:4])
    symbols += [f"<0x{byte:02X}>" for byte in range(256)]
    symbols += ["▁", *map(chr, range(33, 127)), "▁▁", *_WORDS, "▁th", "▁the"]
    vocabulary = {one: place for place, one in enumerate(dict.fromkeys(symbols))}
    merges = [("▁", "▁"), *(tuple(word) for word in _WORDS)]
    merges += [("▁", "th"), ("▁th", "e")]
    tokenizer = Tokenizer(
        models.BPE(
            vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True
        )
    )
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    if layout.leads == "normalizer":
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
        )
    elif layout.leads == "first":
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
            prepend_scheme="first", split=False
        )
    else:
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    if layout.leads:
        steps.append(decoders.Strip(" ", left=1, right=0))
    tokenizer.decoder = decoders.Sequence(steps)
    return tokenizer
