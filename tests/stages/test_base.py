"""The stage `base`: what is laid out as published models are, and what is of no use."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

from games.errors import ArtifactError, ParamsError
from pipeline.params.sections.base import Hub
from stages.base.__main__ import main
from stages.base.sources import load_hub
from stages.base.tiny import make_tiny_policy
from stages.common.keys import fingerprint
from stages.common.policy import load_chat, load_policy
from stages.engines.backend import Request
from stages.engines.choice import choose_engine
from tests.stages.layouts import LAYOUTS, lay_out_base
from tests.stages.material import COMPUTE
from tests.stages.small import set_params

MODEL = Path("model")


def run_base(**changes: object) -> None:
    """Run the stage on the model in MODEL, pinned as it is now."""
    set_params(
        base__source="folder",
        base__folder={"path": str(MODEL), "sha256": fingerprint(MODEL)},
        **changes,
    )
    main()


def refuse_base(sentence: str, **changes: object) -> None:
    """Assert that the stage refuses MODEL in a sentence, and leaves nothing behind."""
    with pytest.raises(ArtifactError, match=sentence):
        run_base(**changes)
    assert not list(Path("data").glob("**/*"))


@pytest.fixture
def model(project: Path) -> Path:
    """Return a folder with a tiny model that is sound."""
    tiny, tokenizer = make_tiny_policy(hidden_size=32, layers=1)
    tiny.save_pretrained(MODEL)
    tokenizer.save_pretrained(MODEL)
    return MODEL


def change(file: str, **changes: object) -> None:
    """Change keys of a JSON file of MODEL; None takes one away."""
    path = MODEL / file
    known = json.loads(path.read_text(encoding="utf-8")) | changes
    known = {key: value for key, value in known.items() if value is not None}
    path.write_text(json.dumps(known), encoding="utf-8")


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_base_laid_out_as_published_ones_can_be_played(
    name: str, project: Path
) -> None:
    """It loads, computes, ends where it says, and is saved with all of that."""
    lay_out_base(name, MODEL)
    run_base()

    policy = load_policy(Path("data/base"), COMPUTE)
    tokenizer, chat = policy.tokenizer, load_chat(Path("data/base"))
    ends = {*LAYOUTS[name].ends, LAYOUTS[name].end_of_turn, tokenizer.eos_token}
    assert chat.ends == policy.chat.ends
    assert set(tokenizer.convert_ids_to_tokens(sorted(chat.ends))) == ends


def test_a_reply_ends_with_each_id_that_the_model_ends_with(model: Path) -> None:
    """Ids of generation_config.json and config.json, whatever the template writes."""
    change("generation_config.json", eos_token_id=[257, 258])
    change("config.json", eos_token_id=97)
    run_base()
    policy = load_policy(Path("data/base"), COMPUTE)
    assert policy.chat.ends == {97, 257, 258}

    with torch.no_grad():
        policy.model.get_output_embeddings().weight.zero_()
        for wanted in (97, 258):  # one of them is said at once, whatever is asked
            policy.model.get_output_embeddings().weight.zero_()
            policy.model.model.norm.weight.zero_()
            policy.model.lm_head = torch.nn.Linear(32, 259, bias=True)
            policy.model.lm_head.weight.zero_()
            policy.model.lm_head.bias.zero_()[wanted] = 9.0
            engine = choose_engine(policy.model, policy.chat.ends, temperature=0.0)
            (reply,) = engine.sample([Request(0, [5, 6, 7], 0, 20)])
            assert reply.ids == [wanted]


def test_what_cannot_be_trained_or_played_is_refused(model: Path) -> None:
    """Each in a sentence that says what it is, before anything is written."""
    change("tokenizer_config.json", eos_token=None, pad_token=None)
    refuse_base("neither a pad_token nor an eos_token")
    change("tokenizer_config.json", eos_token="<|im_end|>", pad_token="<|more|>")
    refuse_base(r"no rows for \('<\|more\|>' is 259, there are 259\)")


def test_an_adapter_is_no_base(model: Path) -> None:
    """Whether the weights below it are at hand or not."""
    (MODEL / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    refuse_base("holds an adapter, not a whole model")
    (MODEL / "config.json").unlink()
    refuse_base("holds an adapter, not a whole model")


def test_weights_that_are_no_numbers_are_refused(model: Path) -> None:
    """So are such that are not there, and would be drawn at random."""
    weights = load_file(MODEL / "model.safetensors")
    name = "model.layers.0.mlp.up_proj.weight"
    whole = weights[name].clone()
    weights[name][3, 4] = torch.nan
    save_file(weights, MODEL / "model.safetensors", {"format": "pt"})
    refuse_base(f"no finite numbers \\({name}\\)")
    weights[name] = whole
    del weights["model.norm.weight"]
    save_file(weights, MODEL / "model.safetensors", {"format": "pt"})
    refuse_base(r"lacks 1 of the weights .*\(model.norm.weight\)")


def test_a_model_that_no_engine_computes_is_refused(
    project: Path, capsys: pytest.CaptureFixture
) -> None:
    """Unless vLLM is to play it."""
    _, tokenizer = make_tiny_policy(hidden_size=32, layers=1)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=32,
        num_hidden_layers=1, num_attention_heads=4, max_position_embeddings=30,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(MODEL)
    tokenizer.save_pretrained(MODEL)

    refuse_base("no room for a reply after .* ids")
    run_base(compute__engine="vllm")
    assert "parameters in" in capsys.readouterr().out


@pytest.mark.parametrize("file", ["tokenizer_config.json", "config.json"])
def test_no_code_of_a_folder_runs(
    file: str, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a tokenizer's nor a model's, and nobody is asked whether it may."""
    marker = Path("it-ran").absolute()
    code = f"from pathlib import Path\nPath({str(marker)!r}).touch()\n"
    (MODEL / "own.py").write_text(code + "class Own: pass\n")
    own = {"AutoConfig": "own.Own", "AutoModelForCausalLM": "own.Own"}
    own["AutoTokenizer"] = ["own.Own", "own.Own"]
    change(file, auto_map=own)
    if file == "config.json":
        change(file, model_type="somebody-elses", architectures=["Own"])
    else:
        change(file, tokenizer_class="Own")
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("somebody was asked"))

    refuse_base("custom code")
    assert not marker.exists()
    assert "own" not in sys.modules


def test_a_revision_that_may_move_is_refused() -> None:
    """A branch or a tag names other files tomorrow; nothing is asked of the hub."""
    with pytest.raises(ParamsError, match="40 digits of the commit"):
        load_hub(Hub(id="some/model", revision="main", file=None))


@pytest.mark.parametrize(
    "damage",
    [
        lambda: change("config.json", pad_token_id=4000),
        lambda: change("config.json", hidden_size="wide"),
        lambda: change("config.json", num_attention_heads=0),
        lambda: change("config.json", model_type="no-such-model"),
        lambda: (MODEL / "tokenizer.json").write_text("{"),
        lambda: (MODEL / "model.safetensors").write_bytes(b"torn"),
    ],
)
def test_a_damaged_folder_is_a_sentence(
    damage: Callable[[], object], model: Path
) -> None:
    """Whatever the libraries make of it."""
    damage()
    refuse_base("cannot be loaded|is damaged")
