"""Rows that begin alike in one pass: the same scores and gradients as one by one."""

import types

import pytest
import torch
from torch import Tensor
from transformers import (
    CohereConfig,
    Gemma2Config,
    GPT2Config,
    GptOssConfig,
    GraniteConfig,
    LlamaConfig,
    MambaConfig,
    MistralConfig,
    PreTrainedConfig,
    PreTrainedModel,
    Qwen3Config,
)
from transformers.models.auto import AutoModelForCausalLM

from stages.training import recompute, sound
from stages.training.labelled import IGNORED
from stages.training.prefix import share_prefixes
from stages.training.sound import certain_length, first_sound
from stages.training.ways import Way, Ways
from tests.stages.material import adapted

SIZES = {
    "vocab_size": 61, "hidden_size": 32, "intermediate_size": 48,
    "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 8, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
CONFIGS = {
    "llama": LlamaConfig(**SIZES),
    "qwen3": Qwen3Config(**SIZES),
    "granite": GraniteConfig(
        **SIZES, logits_scaling=8.0, residual_multiplier=0.3, embedding_multiplier=5.0
    ),
    "cohere": CohereConfig(**SIZES, logit_scale=0.2),
    "gemma2": Gemma2Config(
        **SIZES, final_logit_softcapping=0.6, attn_logit_softcapping=2.0,
        sliding_window=7, query_pre_attn_scalar=8,
    ),
    "mistral": MistralConfig(**SIZES, sliding_window=6),
    "gpt2": GPT2Config(
        vocab_size=61, n_embd=32, n_layer=2, n_head=4,
        attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0,
    ),
}  # fmt: skip
STRANGE = {
    "mamba": MambaConfig(
        vocab_size=61, hidden_size=32, state_size=4, num_hidden_layers=2
    ),
    "sinks": GptOssConfig(
        **SIZES, num_local_experts=2, num_experts_per_tok=1, sliding_window=64
    ),
}


def model_of(config: PreTrainedConfig) -> PreTrainedModel:
    """Return a model with weights so large that every id that is seen matters."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(std=0.3)
    return model.eval()


def batch(side: str = "right") -> dict[str, Tensor]:
    """Return five padded rows: two starts, one of them with a branch, one row twice."""
    fresh = iter(torch.randperm(58, generator=torch.Generator().manual_seed(3)) + 3)

    def ids(num: int) -> list[int]:
        return [next(fresh).item() for _ in range(num)]

    trunk, branch = ids(9), ids(6)
    rows = [trunk + ids(4), trunk + branch + ids(3), trunk + branch + ids(5), ids(7)]
    rows.append(rows[1])
    width = max(map(len, rows))
    inputs = torch.zeros(len(rows), width, dtype=torch.long)
    mask, labels = torch.zeros_like(inputs), torch.full_like(inputs, IGNORED)
    for place, row in enumerate(rows):
        at = slice(0, len(row)) if side == "right" else slice(width - len(row), width)
        inputs[place, at], mask[place, at] = torch.tensor(row), 1
        learned = torch.tensor([IGNORED] * 4 + row[4:])
        learned[5] = learned[-1] = IGNORED  # a gap, and nothing at the end
        labels[place, at] = learned
    return {"input_ids": inputs, "attention_mask": mask, "labels": labels}


def plain(model: PreTrainedModel, rows: dict[str, Tensor], heat: float = 1.0) -> Tensor:
    """Return log-probabilities of labels, row by row by the model's own forward."""
    scores = torch.zeros(rows["labels"].shape[0], rows["labels"].shape[1] - 1)
    for place, real in enumerate(rows["attention_mask"].bool()):
        ids, labels = rows["input_ids"][place, real], rows["labels"][place, real][1:]
        log_probs = (model(ids[None]).logits[0, :-1] / heat).log_softmax(-1)
        wanted = labels != IGNORED
        own = log_probs.gather(-1, ids[1:, None])[:, 0] * wanted
        at = real.nonzero()[1:, 0] - 1
        scores = scores.index_put((torch.tensor(place), at), own)
    return scores


def gradients(model: PreTrainedModel, scores: Tensor) -> Tensor:
    """Return all gradients of a sum in which every score has its own weight."""
    model.zero_grad()
    weights = torch.linspace(-1, 1, scores.numel(), device=scores.device)
    (scores * weights.view_as(scores)).sum().backward()
    return torch.cat(
        [w.grad.flatten() for w in model.parameters() if w.grad is not None]
    )


@pytest.mark.parametrize("way", [None, Way.BLOCKS, Way.ROWS, Way.WHOLE])
@pytest.mark.parametrize("name", CONFIGS)
def test_scores_and_gradients_are_those_of_row_by_row(
    name: str, way: Way | None
) -> None:
    """Whatever the model does to logits, positions and scores, padding on any side."""
    for side in ("left", "right"):
        model, rows = model_of(CONFIGS[name]), batch(side)
        expected = plain(model, rows, 0.7)
        slopes = gradients(model, expected)
        share_prefixes(model, temperature=0.7, way=way)

        scores = model(**rows, fused_lm_head=True)

        assert torch.allclose(scores.log_probs, expected, atol=2e-5)
        found = gradients(model, scores.log_probs)
        assert (found - slopes).norm() < 1e-4 * slopes.norm()


@pytest.mark.parametrize("name", CONFIGS)
def test_the_check_takes_a_tree_where_it_is_exact(
    name: str, capsys: pytest.CaptureFixture
) -> None:
    """Scaling, capping, windows, learned positions: no reason to go row by row."""
    model = model_of(CONFIGS[name])

    assert first_sound(model, Ways(model, 1.0, [])) == Way.BLOCKS
    assert not capsys.readouterr().out


@pytest.mark.parametrize(("name", "way"), [("sinks", Way.ROWS), ("mamba", Way.WHOLE)])
def test_models_that_attend_otherwise_go_row_by_row(
    name: str, way: Way, capsys: pytest.CaptureFixture
) -> None:
    """States and sinks are not in a tree: it is said, and scores are right."""
    model, rows = model_of(STRANGE[name]), batch()
    expected = plain(model, rows)

    assert first_sound(model, Ways(model, 1.0, [])) == way
    assert "does not compute this model by blocks" in capsys.readouterr().out
    share_prefixes(model)
    found = model(**rows, fused_lm_head=True).log_probs
    assert torch.allclose(found, expected, atol=2e-5)


def test_a_shortcut_that_differs_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """Logits that are not the model's own are found out: its own forward is left."""
    model = model_of(CONFIGS["granite"])
    ways = Ways(model, 1.0, [])
    head = model.get_output_embeddings()
    object.__setattr__(ways._head, "project", head)  # no scaling

    assert first_sound(model, ways) == Way.WHOLE
    assert "differs from the model's own forward" in capsys.readouterr().out


def test_adapters_are_trained_alike() -> None:
    """With a frozen head, whose gradient is known in the forward pass."""
    found = []
    for way in (Way.BLOCKS, Way.WHOLE):
        base = model_of(CONFIGS["gemma2"])
        model = adapted(base, "default")
        share_prefixes(base, temperature=0.7, way=way)
        scores = model(**batch(), fused_lm_head=True)
        found.append((scores.log_probs, gradients(model, scores.log_probs)))

    assert torch.allclose(found[0][0], found[1][0], atol=2e-5)
    assert (found[0][1] - found[1][1]).norm() < 1e-4 * found[1][1].norm()


@pytest.mark.parametrize("is_adapted", [True, False])
def test_what_is_logged_is_that_of_the_full_logits(is_adapted: bool) -> None:
    """Entropy, mean logit and rank of each labelled token equal the plain ones."""
    base, rows = model_of(CONFIGS["cohere"]), batch()
    model = adapted(base, "default") if is_adapted else base
    logits = model(rows["input_ids"], attention_mask=rows["attention_mask"]).logits
    logits, mask = logits[:, :-1], rows["labels"][:, 1:] != IGNORED
    entropy = torch.distributions.Categorical(logits=logits).entropy() * mask
    share_prefixes(base)

    scores = model(**rows, fused_lm_head=True)

    assert torch.allclose(scores.entropy, entropy, atol=1e-4)
    assert torch.allclose(scores.mean_logits, logits.mean(-1) * mask, atol=1e-4)
    best = (logits.argmax(-1) == rows["input_ids"][:, 1:]) & mask
    assert torch.equal(scores.is_top1, best)
    assert torch.equal(scores.label_mask, mask)


def test_other_calls_are_the_models_own() -> None:
    """Playing and saving see the model as it was."""
    model = model_of(CONFIGS["llama"])
    before = model(batch()["input_ids"]).logits
    share_prefixes(model)

    assert torch.equal(model(batch()["input_ids"]).logits, before)


def test_rows_without_labels_train_nothing() -> None:
    """There is a graph to go back through, and all gradients are zero."""
    model, rows = model_of(CONFIGS["llama"]), batch()
    share_prefixes(model)
    rows["labels"] = torch.full_like(rows["labels"], IGNORED)

    scores = model(**rows, fused_lm_head=True)

    assert not scores.label_mask.any()
    assert not gradients(model, scores.log_probs).any()


@pytest.mark.parametrize("way", [Way.BLOCKS, Way.ROWS])
def test_computing_layers_again_changes_nothing(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where memory would be short, a layer attends the second time as at first."""
    found = []
    for held in (10_000, 0):
        monkeypatch.setattr(recompute, "_HELD", held)
        model = model_of(CONFIGS["gemma2"]).train()
        calls = count_calls(model.model.layers[0].self_attn)
        share_prefixes(model, way=way)
        scores = model(**batch(), fused_lm_head=True)
        found.append(gradients(model, scores.log_probs))
        assert ("gradient_checkpointing" in vars(model.model.layers[0])) is False

        per_pass = 1 if way == Way.BLOCKS else 5
        assert len(calls) == (per_pass if held else 2 * per_pass)
    assert torch.allclose(*found, atol=1e-5)


def count_calls(module: torch.nn.Module) -> list[None]:
    """Return a list that grows whenever a module is called."""
    calls: list[None] = []
    module.register_forward_pre_hook(lambda *_: calls.append(None))
    return calls


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_flex_attention_has_the_same_tree() -> None:
    """What a GPU takes gives the scores of blocks; a CPU can only score with it."""
    for name in ("llama", "gemma2", "mistral"):
        model, rows = model_of(CONFIGS[name]), batch()
        expected = plain(model, rows)
        share_prefixes(model, way=Way.FLEX)

        with torch.no_grad():
            found = model(**rows, fused_lm_head=True).log_probs

        assert torch.allclose(found, expected, atol=2e-5)


def test_a_short_window_is_crossed_by_the_check_and_a_long_one_is_not_trusted() -> None:
    """Beyond what was compared, rows are computed one by one."""
    short, long = (MistralConfig(**SIZES, sliding_window=n) for n in (100, 4096))

    assert certain_length(short) is None
    assert sound._sample(short).longest > 100
    assert certain_length(long) == 4096
    assert certain_length(CONFIGS["llama"]) is None


def test_rows_beyond_the_check_go_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch with such a row does not take the tree."""
    monkeypatch.setattr(sound, "_LONGEST", 5)
    model = model_of(CONFIGS["mistral"])
    taken: list[Way] = []
    score = Ways.score

    def noting(self: Ways, some: object, way: Way) -> object:
        taken.append(way)
        return score(self, some, way)

    share_prefixes(model, way=Way.BLOCKS)
    monkeypatch.setattr(Ways, "score", noting)
    model(**batch(), fused_lm_head=True)

    assert taken == [Way.ROWS]


def test_a_mixtures_balance_is_left_to_trl() -> None:
    """It is a mean over the tokens of all rows, which a tree has only once."""
    model = model_of(CONFIGS["llama"])
    asked: list[dict[str, object]] = []

    def forward(self: PreTrainedModel, *_: object, **kwargs: object) -> None:
        asked.append(kwargs)

    model.forward = types.MethodType(forward, model)
    share_prefixes(model, way=Way.BLOCKS)
    model(**batch(), fused_lm_head=True, output_router_logits=True)

    assert asked[0]["fused_lm_head"] and asked[0]["output_router_logits"]


def test_shared_starts_are_computed_once() -> None:
    """The model sees as many ids as the tree has, not as the rows have."""
    model, rows = model_of(CONFIGS["llama"]), batch()
    share_prefixes(model)
    seen: list[int] = []
    embed = model.get_input_embeddings()
    embed.register_forward_pre_hook(lambda _, args: seen.append(args[0].numel()))

    model(**rows, fused_lm_head=True)

    shared, own = 9 + 6, (4 - 2, 3 - 2, 5 - 2, 7 - 3)  # no label needs the last ones
    assert seen == [shared + sum(own)]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
@pytest.mark.parametrize("recomputed", [False, True])
@pytest.mark.parametrize("way", [Way.FLEX, Way.BLOCKS, Way.ROWS])
@pytest.mark.parametrize("name", ["llama", "gemma2", "mistral"])
def test_a_gpu_gives_the_numbers_of_a_cpu(
    name: str, way: Way, recomputed: bool
) -> None:
    """Scores and gradients, also with layers computed again, as the trainers do."""
    config = type(CONFIGS[name]).from_dict(CONFIGS[name].to_dict() | {"head_dim": 16})
    model, rows = model_of(config), batch()
    expected = plain(model, rows)
    slopes = gradients(model, expected)
    model = model.cuda().train()
    if recomputed:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    share_prefixes(model, way=way)

    on_gpu = {key: value.cuda() for key, value in rows.items()}
    scores = model(**on_gpu, fused_lm_head=True).log_probs

    assert torch.allclose(scores.cpu(), expected, atol=1e-3)
    found = gradients(model, scores).cpu()
    assert (found - slopes).norm() < 1e-3 * slopes.norm()
