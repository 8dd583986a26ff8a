"""Supervised fine-tuning: labels, loss, and runs that were stopped."""

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy
from transformers import TrainerCallback

from games.errors import StudyError
from pipeline.params.sections.sft import SftSettings
from pipeline.params.sections.training import Adapter
from stages.common.cost import locate_cost, read_cost
from stages.common.examples import DEMONSTRATION, DEMONSTRATIONS, write_examples
from stages.common.keys import fingerprint
from stages.common.policy import load_policy
from stages.sft import __main__ as main_module
from stages.training import recipe as training
from stages.training import supervised as module
from stages.training.checkpoints import Checkpoints
from stages.training.prefix import share_prefixes
from stages.training.recipe import Run, configure_adapter, lay_out
from stages.training.supervised import label, train
from stages.training.ways import Way
from tests.stages.material import COMPUTE, dialogues
from tests.stages.small import run_stage, set_params, write_inputs

# TRL and PEFT still read the old name
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_check:FutureWarning")


def settings(*, enabled: bool = True, **other: object) -> SftSettings:
    """Return settings of a run of five steps."""
    usual = {"start": "base", "games": None, "epochs": 2, "batch_size": 4}
    usual |= {"learning_rate": 0.01, "warmup_steps": 1, "max_length": 400}
    usual |= {"save_steps": 2}
    adapter = Adapter(enabled=enabled, rank=4, alpha=8)
    return SftSettings(**(usual | other), adapter=adapter)


def run_of(recipe: SftSettings) -> Run:
    """Return the run that makes sft/sft/0 of the tiny policy."""
    return Run("sft/sft/0", "base", recipe, COMPUTE, 0, recipe.model_dump_json())


class Stopped(Exception):
    """Stands for Ctrl-C or a kill."""


class StopAfter(TrainerCallback):
    """Stops the process after some steps, just when a checkpoint was to be saved."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_step_end(
        self, args: object, state: object, control: object, **_: object
    ) -> None:
        """Stop."""
        if state.global_step == self.step:
            raise Stopped


def stop_after(step: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next trainings be stopped after a step, or run freely again."""
    monkeypatch.undo()
    if step is None:
        return
    meter = training._Meter

    def both(*args: object) -> TrainerCallback:
        callback = meter(*args)
        callback.on_step_end = StopAfter(step).on_step_end
        return callback

    monkeypatch.setattr(training, "_Meter", both)


def test_labels_are_the_replies_and_their_ends(tiny_policy: Path) -> None:
    """Only the text of each reply and the end-of-turn token after it are learned."""
    policy = load_policy(tiny_policy, COMPUTE)
    chat = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "bc"},
        {"role": "user", "content": "d"},
        {"role": "assistant", "content": "e"},
    ]
    row = label(chat, policy.chat)
    learned = [token for token in row["labels"] if token != -100]
    assert policy.tokenizer.decode(learned) == "bc<|im_end|>e<|im_end|>"
    assert len(row["labels"]) == len(row["input_ids"])


def test_first_loss_is_the_mean_over_reply_tokens(tiny_policy: Path) -> None:
    """Padding and prompts change nothing: the loss is that of each row on its own."""
    policy = load_policy(tiny_policy, COMPUTE)
    rows = [label(chat, policy.chat) for chat in dialogues(4)]
    total, count = 0.0, 0
    for row in rows:
        logits = policy.model(torch.tensor([row["input_ids"]])).logits[0, :-1]
        labels = torch.tensor(row["labels"][1:])
        total += torch.nn.functional.cross_entropy(
            logits, labels, reduction="sum"
        ).item()
        count += (labels != -100).sum().item()
    train(run_of(settings(epochs=1)), dialogues(4), 400)
    with open("data/curves/sft/sft/0.csv") as file:
        assert float(next(csv.DictReader(file))["loss"]) == pytest.approx(
            total / count, 1e-4
        )


@pytest.mark.parametrize("enabled", [True, False])
def test_a_stopped_run_ends_as_an_undisturbed_one(
    tiny_policy: Path,
    enabled: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    """Weights and curve are the same bytes after two stops; no checkpoint is left."""
    project, recipe, chats = Path.cwd(), settings(enabled=enabled), dialogues(10)
    policy, curve = project / "data/sft/sft/0", project / "data/curves/sft/sft/0.csv"
    train(run_of(recipe), chats, 400)
    expected = fingerprint(policy), curve.read_bytes()
    assert (policy / ("start.json" if enabled else "model.safetensors")).exists()
    assert expected[0] != fingerprint(tiny_policy)
    policy.rename(project / "first")
    curve.unlink()
    for step in (3, 5):
        stop_after(step, monkeypatch)
        monkeypatch.chdir(project)
        with pytest.raises(Stopped):
            train(run_of(recipe), chats, 400)
        assert not policy.exists()
    stop_after(None, monkeypatch)
    monkeypatch.chdir(project)
    train(run_of(recipe), chats, 400)
    printed = capsys.readouterr().out
    assert "resuming from step 2 of 5" in printed
    assert "resuming from step 4 of 5" in printed
    assert (fingerprint(policy), curve.read_bytes()) == expected
    assert not list(Path("scratch").rglob("checkpoint-*"))


def test_a_policy_learns_what_it_is_shown(tiny_policy: Path) -> None:
    """A few dialogues, shown often, are mostly known by heart."""
    train(run_of(settings(epochs=12, batch_size=4)), dialogues(8), 400)
    with open("data/curves/sft/sft/0.csv") as file:
        known = [float(row["mean_token_accuracy"]) for row in csv.DictReader(file)]
    assert known[0] < 0.3
    assert known[-1] > 0.6


def test_computing_a_batch_in_parts_changes_nothing(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first step's loss and gradient are those of the whole batch at once."""
    firsts = []
    for at_once in (2, 4):
        monkeypatch.setattr(training.math, "gcd", lambda *_, rows=at_once: rows)
        train(run_of(settings(learning_rate=1e-9)), dialogues(8), 400)
        with open("data/curves/sft/sft/0.csv") as file:
            firsts.append(next(csv.DictReader(file)))

    for column in ("loss", "grad_norm"):
        assert float(firsts[0][column]) == pytest.approx(float(firsts[1][column]), 1e-3)


def test_the_policy_is_configured_like_its_start(tiny_policy: Path) -> None:
    """Training changes weights only: the result is played like the start policy."""
    train(run_of(settings(enabled=False)), dialogues(10), 400)
    name = "config.json"
    assert Path("data/sft/sft/0", name).read_text() == (tiny_policy / name).read_text()


def test_a_training_is_the_same_without_sharing(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every number of the curve is that of rows that are computed one by one."""
    curves = []
    for way in (None, Way.WHOLE):
        monkeypatch.setattr(module, "share_prefixes", partial(share_prefixes, way=way))
        train(run_of(settings(epochs=3)), dialogues(8), 400)
        with open("data/curves/sft/sft/0.csv") as file:
            curves.append(list(csv.DictReader(file)))

    assert len(curves[0]) == 6
    for ours, plain in zip(*curves, strict=True):
        for name, value in plain.items():
            assert float(ours[name]) == pytest.approx(float(value), 1e-4)


def test_only_overlong_dialogues_are_an_error(tiny_policy: Path) -> None:
    """Nothing to learn from is said in a sentence that names the setting."""
    with pytest.raises(StudyError, match="max_length"):
        train(run_of(settings()), dialogues(3), 5)


def test_two_steps_by_hand(tiny_policy: Path) -> None:
    """AdamW on clipped gradients of the mean loss, its rate warming up, then falling.

    All rows are in each batch, so that their order has no part in it.
    """
    chats, rates = dialogues(8), [0.0, 0.02, 0.01]
    model = load_policy(tiny_policy, COMPUTE).model.train()
    rows = [label(chat, load_policy(tiny_policy, COMPUTE).chat) for chat in chats]
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.0)
    expected = []
    for rate in rates:
        total, count = 0.0, 0
        for row in rows:
            logits = model(torch.tensor([row["input_ids"]])).logits[0, :-1]
            labels = torch.tensor(row["labels"][1:])
            total = total + cross_entropy(logits, labels, reduction="sum")
            count += int((labels != -100).sum())
        optimizer.zero_grad()
        (total / count).backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        expected.append(((total / count).item(), norm.item()))

    recipe = settings(
        enabled=False, epochs=3, batch_size=8, learning_rate=0.02, warmup_steps=1
    )
    train(run_of(recipe), chats, 400)

    assert expected[0][1] > 1, "gradients are clipped"
    with open("data/curves/sft/sft/0.csv") as file:
        curve = [
            (float(r["loss"]), float(r["grad_norm"])) for r in csv.DictReader(file)
        ]
    assert curve == [pytest.approx(step, rel=1e-3) for step in expected]
    trained = load_policy(Path("data/sft/sft/0"), COMPUTE).model
    for ours, theirs in zip(trained.parameters(), model.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=2e-4)


def test_rows_are_trained_in_the_order_they_are_laid_out_in(tiny_policy: Path) -> None:
    """Batch after batch, epoch after epoch: each loss is that of the batch's own."""
    policy, chats = load_policy(tiny_policy, COMPUTE), dialogues(8)
    rows = [label(chat, policy.chat) for chat in chats]
    recipe = settings(batch_size=2, epochs=2, learning_rate=1e-9)
    expected = []
    ordered = lay_out(rows, [len(row["input_ids"]) for row in rows], run_of(recipe))
    for batch in (ordered[start : start + 2] for start in range(0, 16, 2)):
        total, count = 0.0, 0
        for row in batch:
            logits = policy.model(torch.tensor([row["input_ids"]])).logits[0, :-1]
            labels = torch.tensor(row["labels"][1:])
            total += cross_entropy(logits, labels, reduction="sum").item()
            count += int((labels != -100).sum())
        expected.append(total / count)

    train(run_of(recipe), chats, 400)

    with open("data/curves/sft/sft/0.csv") as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    assert losses == pytest.approx(expected, rel=1e-4)
    assert len({round(loss, 4) for loss in losses}) == 4, "batches can be told apart"


def test_the_order_of_rows_depends_on_the_seed_alone(tiny_policy: Path) -> None:
    """Each training seed has an order of its own."""
    rows = [{"row": number} for number in range(20)]

    def order(seed: int) -> list[dict[str, int]]:
        return lay_out(rows, [1] * 20, replace(run_of(settings()), seed=seed))

    assert order(0) == order(0) != order(1)


def test_a_resumed_run_computes_only_what_is_missing(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on after the last checkpoint, and its cost is that of all steps."""
    recipe, chats = settings(save_steps=1), dialogues(8)
    train(run_of(recipe), chats, 400)
    whole = read_cost(locate_cost("sft/sft/0")).trained_tokens
    stop_after(3, monkeypatch)
    monkeypatch.chdir(tiny_policy.parents[1])
    with pytest.raises(Stopped):
        train(run_of(recipe), chats, 400)
    stop_after(None, monkeypatch)
    monkeypatch.chdir(tiny_policy.parents[1])
    saved: list[int] = []
    monkeypatch.setattr(Checkpoints, "mark", lambda self, step: saved.append(step))

    train(run_of(recipe), chats, 400)

    assert saved == [3, 4]
    assert read_cost(locate_cost("sft/sft/0")).trained_tokens == whole
    chat = load_policy(tiny_policy, COMPUTE).chat
    lengths = [len(label(one, chat)["input_ids"]) for one in chats]
    assert whole == recipe.epochs * sum(lengths)


def test_an_adapter_is_as_large_as_it_is_told() -> None:
    """Rank and scale are those of the settings; full weights need none."""
    config = configure_adapter(Adapter(enabled=True, rank=3, alpha=12))

    assert (config.r, config.lora_alpha, config.lora_dropout) == (3, 12, 0.0)
    assert config.target_modules == "all-linear"
    assert configure_adapter(Adapter(enabled=False, rank=3, alpha=12)) is None


@pytest.fixture
def demonstrated(tiny_policy: Path) -> list[dict]:
    """Demonstrations of two games, on disk."""
    write_inputs()
    rows = [
        dict.fromkeys(DEMONSTRATION.names, "")
        | {"game": game, "num_turns": 1, "messages": chat}
        for game, chat in zip(["taboo", "referencegame"] * 4, dialogues(8), strict=True)
    ]
    write_examples(DEMONSTRATIONS, rows, DEMONSTRATION)
    return rows


@pytest.mark.parametrize("games", [None, ["taboo"]])
def test_a_variant_learns_from_its_games(
    demonstrated: list[dict], games: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From all that are held in, or from those it names; as its settings say."""
    override = {"games": games, "max_length": 77, "learning_rate": 0.5}
    given: list[tuple] = []
    monkeypatch.setattr(main_module, "train", lambda *args: given.append(args))
    set_params(sft__variants=["one"], sft__overrides={"one": override}, seeds=[0, 5])

    run_stage("sft", "--start", "base", "--variant", "one", "--seed", "5")

    ((run, chats, max_length),) = given
    wanted = games or ["taboo", "referencegame"]
    expected = [row["messages"] for row in demonstrated if row["game"] in wanted]
    assert [list(map(dict, chat)) for chat in chats] == expected
    assert (run.policy, run.start, run.seed) == ("sft/one/5", "base", 5)
    assert (run.settings.learning_rate, max_length) == (0.5, 77)


def test_a_variant_whose_games_show_nothing_is_refused(
    demonstrated: list[dict],
) -> None:
    """The games are named."""
    write_examples(DEMONSTRATIONS, demonstrated[:1], DEMONSTRATION)
    override = {"games": ["referencegame"]}
    set_params(sft__variants=["one"], sft__overrides={"one": override})

    with pytest.raises(StudyError, match="no demonstration of referencegame"):
        run_stage("sft", "--start", "base", "--variant", "one", "--seed", "0")
