"""Preference optimisation: what enters the log-probabilities, reference, resuming."""

import csv
import math
from functools import partial
from pathlib import Path

import pytest
import torch
from transformers import TrainerCallback

from games.errors import StudyError
from pipeline.params.sections.dpo import DpoSettings
from pipeline.params.sections.training import Adapter
from stages.common.examples import PAIR, PREFERENCES, write_examples
from stages.common.keys import fingerprint
from stages.common.policy import load_policy
from stages.dpo import __main__ as main_module
from stages.dpo import train as module
from stages.dpo.train import collate, tokenise, train
from stages.training import recipe as training
from stages.training.prefix import share_prefixes
from stages.training.recipe import Run
from stages.training.ways import Way
from tests.stages.material import COMPUTE, dialogues
from tests.stages.small import run_stage, set_params, write_inputs

# TRL and PEFT still read the old name
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_check:FutureWarning")
DIALOGUE = {
    "prompt": [{"role": "user", "content": "p"}],
    "chosen": [
        {"role": "assistant", "content": "c"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "d"},
    ],
    "rejected": [{"role": "assistant", "content": "rr"}],
}
TURN = {
    "prompt": [
        {"role": "user", "content": "p"},
        {"role": "assistant", "content": "before"},
        {"role": "user", "content": "q"},
    ],
    "chosen": [{"role": "assistant", "content": "good"}],
    "rejected": [{"role": "assistant", "content": "bad"}],
}


def settings(*, enabled: bool = True, **other: object) -> DpoSettings:
    """Return settings of a run of three steps."""
    usual = {"start": "base", "level": "turn", "beta": 0.5, "epochs": 1}
    usual |= {"batch_size": 2, "learning_rate": 0.01, "warmup_steps": 0}
    usual |= {"max_length": 400}
    usual |= {"save_steps": 1, "adapter": Adapter(enabled=enabled, rank=4, alpha=8)}
    return DpoSettings(**(usual | other))


def pairs() -> list[dict]:
    """Return six pairs of replies that can be told apart."""
    return [
        {
            "prompt": chat[:1],
            "chosen": [{"role": "assistant", "content": f"yes {index}"}],
            "rejected": chat[1:],
        }
        for index, chat in enumerate(dialogues(6))
    ]


def fit(recipe: DpoSettings) -> list[dict[str, float]]:
    """Train the tiny policy on the pairs and return the curve."""
    key = recipe.model_dump_json()
    train(Run("dpo/dpo/0", "base", recipe, COMPUTE, 0, key), recipe, pairs())
    with open("data/curves/dpo/dpo/0.csv") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def test_only_replies_of_the_completion_count(tiny_policy: Path) -> None:
    """At dialogue level neither prompt nor the user text between replies is scored."""
    policy = load_policy(tiny_policy, COMPUTE)
    row = tokenise(DIALOGUE, policy.chat)
    ids = [i for i, m in zip(row["chosen_ids"], row["chosen_mask"], strict=True) if m]
    assert policy.tokenizer.decode(ids) == "c<|im_end|>d<|im_end|>"
    text = policy.tokenizer.decode(row["chosen_ids"])
    assert text.index("p<") < text.index("c<") < text.index("u<") < text.index("d<")


def test_a_turn_is_scored_in_its_history(tiny_policy: Path) -> None:
    """At turn level the history is in the context, and its replies are not scored."""
    policy = load_policy(tiny_policy, COMPUTE)
    row = tokenise(TURN, policy.chat)
    for side in ("chosen", "rejected"):
        ids, mask = row[f"{side}_ids"], row[f"{side}_mask"]
        learned = policy.tokenizer.decode(
            [i for i, m in zip(ids, mask, strict=True) if m]
        )
        assert learned == TURN[side][0]["content"] + "<|im_end|>"
        assert "before" in policy.tokenizer.decode(ids)


def test_a_batch_is_chosen_then_rejected_padded_on_the_right() -> None:
    """Ids and masks are laid out by hand."""
    row = {"chosen_ids": [1, 2], "chosen_mask": [0, 1]}
    row |= {"rejected_ids": [1, 3, 4], "rejected_mask": [0, 1, 1]}
    batch = collate([row], 9)
    assert batch["input_ids"].tolist() == [[1, 2, 9], [1, 3, 4]]
    assert batch["attention_mask"].tolist() == [[1, 1, 0], [1, 1, 1]]
    assert batch["completion_mask"].tolist() == [[0, 1, 0], [0, 1, 1]]


@pytest.mark.parametrize("enabled", [True, False])
def test_policy_and_reference_start_equal(tiny_policy: Path, enabled: bool) -> None:
    """The first loss is log 2 without margin; then margins grow, reference frozen."""
    curve = fit(settings(enabled=enabled, epochs=4))
    assert curve[0]["loss"] == pytest.approx(math.log(2), abs=1e-5)
    assert curve[0]["rewards/margins"] == pytest.approx(0, abs=1e-5)
    assert curve[-1]["rewards/margins"] > 0.1
    assert curve[-1]["rewards/accuracies"] == 1


def test_logged_log_probabilities_are_those_of_the_replies(tiny_policy: Path) -> None:
    """The first logged value is the mean of plain sums over the chosen replies."""
    policy = load_policy(tiny_policy, COMPUTE)
    sums = []
    for pair in pairs():
        row = tokenise(pair, policy.chat)
        ids = torch.tensor([row["rejected_ids"]])
        scores = policy.model(ids).logits[:, :-1].log_softmax(-1)
        scores = scores.gather(-1, ids[:, 1:, None]).squeeze()
        sums.append((scores * torch.tensor(row["rejected_mask"][1:])).sum().item())
    curve = fit(settings(batch_size=6))
    assert curve[0]["logps/rejected"] == pytest.approx(sum(sums) / 6, rel=1e-4)


class Stopped(Exception):
    """Stands for Ctrl-C or a kill."""


@pytest.mark.parametrize("enabled", [True, False])
def test_a_stopped_run_ends_as_an_undisturbed_one(
    tiny_policy: Path,
    enabled: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    """Weights and curve are the same bytes after a stop."""
    recipe, folder = settings(enabled=enabled), Path.cwd() / "data/dpo/dpo/0"
    expected = fit(recipe), fingerprint(folder)
    folder.rename("first")
    stopping = training._Meter.on_save

    def stop(
        self: TrainerCallback, args: object, state: object, *_: object, **__: object
    ) -> None:
        if state.global_step == 2:
            raise Stopped  # before this checkpoint is whole
        stopping(self, args, state, None)

    with monkeypatch.context() as patch:
        patch.setattr(training._Meter, "on_save", stop)
        with pytest.raises(Stopped):
            fit(recipe)
    assert (fit(recipe), fingerprint(folder)) == expected
    assert "resuming from step 1 of 3" in capsys.readouterr().out


@pytest.mark.parametrize("enabled", [True, False])
def test_a_training_is_the_same_without_sharing(
    tiny_policy: Path, enabled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every number of the curve is that of rows that are computed one by one."""
    curves = []
    for way in (None, Way.WHOLE):
        monkeypatch.setattr(module, "share_prefixes", partial(share_prefixes, way=way))
        curves.append(fit(settings(enabled=enabled, epochs=2)))

    assert len(curves[0]) == 6
    for ours, plain in zip(*curves, strict=True):
        assert ours == pytest.approx(plain, 1e-4, 1e-4)


def test_only_overlong_pairs_are_an_error(tiny_policy: Path) -> None:
    """Nothing to learn from is said in a sentence that names the setting."""
    with pytest.raises(StudyError, match="max_length"):
        fit(settings(max_length=5))


def test_rewards_are_beta_times_the_gain_in_log_probability(tiny_policy: Path) -> None:
    """All pairs in each batch: what the first step logs is the reference's."""
    first, second = fit(settings(batch_size=6, epochs=2, beta=0.3))
    for side in ("chosen", "rejected"):
        gain = second[f"logps/{side}"] - first[f"logps/{side}"]
        assert abs(gain) > 0.05, "something is learned"
        assert second[f"rewards/{side}"] == pytest.approx(0.3 * gain, rel=1e-3)


def test_loss_is_that_of_the_margins(tiny_policy: Path) -> None:
    """With one pair a batch, each loss is the sigmoid loss of its own margin."""
    for step in fit(settings(batch_size=1)):
        expected = math.log1p(math.exp(-step["rewards/margins"]))
        assert step["loss"] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("level", ["dialogue", "turn"])
def test_a_variant_learns_from_the_pairs_of_its_level(
    tiny_policy: Path, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And from no others, as its settings say."""
    write_inputs()
    rows = [
        dict.fromkeys(PAIR.names, "") | {"branch_turn": 0, "level": level} | pair
        for level, pair in zip(["dialogue", "turn"] * 3, pairs(), strict=True)
    ]
    write_examples(PREFERENCES, rows, PAIR)
    given: list[tuple] = []
    monkeypatch.setattr(main_module, "train", lambda *args: given.append(args))
    set_params(
        dpo__variants=["one"],
        dpo__overrides={"one": {"level": level, "beta": 0.7}},
        seeds=[0, 5],
    )

    run_stage("dpo", "--start", "base", "--variant", "one", "--seed", "5")

    ((run, recipe, learned),) = given
    assert [pair["prompt"] for pair in learned] == [
        row["prompt"] for row in rows if row["level"] == level
    ]
    assert (run.policy, run.start, run.seed) == ("dpo/one/5", "base", 5)
    assert run.settings == recipe
    assert (recipe.level, recipe.beta) == (level, 0.7)
