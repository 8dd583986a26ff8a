"""GRPO as a whole: steps by hand, what the trainer and the sampler see, resuming."""

import copy
import csv
import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel, get_peft_model
from torch import Tensor
from transformers import PreTrainedModel, TrainerCallback
from trl import GRPOTrainer

from games.errors import ArtifactError
from pipeline.params.sections.grpo import GrpoSettings
from pipeline.params.sections.players import ExpertPlayer
from pipeline.params.sections.training import Adapter
from stages.base.tiny import make_tiny_policy as build_tiny
from stages.common.chat import ChatTemplate
from stages.common.cost import Cost, locate_cost, read_cost
from stages.common.instances import locate_instances
from stages.common.keys import fingerprint
from stages.common.policy import load_policy
from stages.engines.backend import Backend
from stages.engines.choice import KeptEngines
from stages.engines.local.adapters import BASE
from stages.grpo import __main__ as main_module
from stages.grpo import rollouts as rollouts_module
from stages.grpo import train as train_module
from stages.grpo.rollout import Task
from stages.grpo.rollouts import Rollouts
from stages.instances.sources import generate
from stages.playing.seats import MakeSeat, seat_for
from stages.training import recipe as training
from stages.training.recipe import Run, configure_adapter
from tests.stages.material import COMPUTE, GRPO, adapted
from tests.stages.small import GAMES, list_ids, run_stage, set_params, write_inputs

# TRL and PEFT still read the old name; TRL says that rollout_func may change
pytestmark = pytest.mark.filterwarnings(
    "ignore:`is_gradient_check:FutureWarning", "ignore:You are using 'rollout_func'"
)
INSTANCES = generate(GAMES["taboo"], "train", 6, seed=1)


def settings(*, enabled: bool = True, **other: object) -> GrpoSettings:
    """Return settings of three steps of two groups of three rollouts."""
    usual = {"roles": {"taboo": ["guesser"]}, "level": "episode", "steps": 3}
    usual |= {"groups": 2, "group_size": 3, "beta": 0.3, "learning_rate": 0.02}
    usual |= {"warmup_steps": 0, "temperature": 0.7, "abort_reward": -0.25}
    usual |= GRPO | {
        "save_steps": 1,
        "adapter": Adapter(enabled=enabled, rank=4, alpha=8),
    }
    return GrpoSettings(**(usual | other))


def expert() -> MakeSeat:
    """Return what seats a describer without fault."""
    player = ExpertPlayer(kind="expert", skill=1.0)
    return seat_for(player, "base", COMPUTE, {}, temperature=0.0)


def fit(recipe: GrpoSettings) -> list[dict[str, str]]:
    """Train the tiny policy on taboo, and return the curve."""
    key = hashlib.sha256(recipe.model_dump_json().encode()).hexdigest()
    run = Run("grpo/base/grpo/0", "base", recipe, COMPUTE, 0, key)
    train_module.train(run, INSTANCES, expert())
    with open("data/curves/grpo/base/grpo/0.csv") as file:
        return list(csv.DictReader(file))


# --- steps by hand ------------------------------------------------------------------
def draw_ids(num: int) -> list[int]:
    """Draw some ids of the tiny tokenizer."""
    rng = random.Random(num)
    return [rng.randrange(250) for _ in range(num)]


SIZES = (5, 9, 12, 4, 7, 7)
REWARDS = [0.0, 1.0, 0.5, 1.0, 1.0, -3.0]
FIELDS = {
    "prompt_ids": [draw_ids(20 if place < 3 else 9) for place in range(6)],
    "completion_ids": [draw_ids(size + place) for place, size in enumerate(SIZES)],
    "env_mask": [
        [1] * (place + 2) + [0] * (size - 3) + [1] for place, size in enumerate(SIZES)
    ],
    "logprobs": [[0.0] * (size + place) for place, size in enumerate(SIZES)],
    "episode_reward": REWARDS,
    "sampler_gap": [0.0] * 6,
}
"""Two groups: their rewards are spread, and their replies long, by different amounts.

Ids that were not sampled stand between those that were.
"""
SHIFTS = (0.0, 0.1, -0.4, 0.4)
"""By how much a token is less likely to its learner than it was to its sampler."""


class Given:
    """Rollouts that are always the same ones; knows for which tasks."""

    asked: list[list[str]]

    def __init__(self, tasks: list[Task], *_: object, **__: object) -> None:
        self.names, self.cost = [task.name for task in tasks], Cost()
        type(self).asked = []

    def __call__(self, prompts: list[str], trainer: Any) -> dict[str, list]:
        """Return the rollouts."""
        self.asked.append(prompts)
        return copy.deepcopy(FIELDS)


def score_by_hand(model: PreTrainedModel, temperature: float) -> list[Tensor]:
    """Return the log-probability of each sampled token of each rollout."""
    scores = []
    for prompt, completion, mask in zip(
        *(FIELDS[name] for name in ("prompt_ids", "completion_ids", "env_mask")),
        strict=True,
    ):
        ids = torch.tensor(prompt + completion)
        logits = model(input_ids=ids[None]).logits[0, len(prompt) - 1 : -1]
        every = (logits / temperature).log_softmax(-1)
        own = every.gather(1, ids[len(prompt) :, None])[:, 0]
        scores.append(own[torch.tensor(mask) > 0])
    return scores


def lose_by_hand(
    model: PreTrainedModel, reference: list[Tensor], recipe: GrpoSettings
) -> Tensor:
    """Return GRPO's loss: clipped gain and KL, a mean of tokens, then of rollouts.

    The corrected KL is weighted by the ratio, which has a gradient: so the KL's own
    gradient is right on average.
    """
    groups = torch.tensor(REWARDS).view(recipe.groups, recipe.group_size)
    spread = {
        "group": groups.std(1, keepdim=True) + 1e-4,
        "batch": groups.std() + 1e-4,
        "none": torch.tensor(1.0),
    }[recipe.scale_rewards]
    advantages = ((groups - groups.mean(1, keepdim=True)) / spread).flatten()
    losses = []
    scores = score_by_hand(model, recipe.temperature)
    for place, (own, start) in enumerate(zip(scores, reference, strict=True)):
        mask = torch.tensor(FIELDS["env_mask"][place])
        shifts = torch.tensor([SHIFTS[n % 4] for n in range(len(mask))])[mask > 0]
        ratio = (own - (start + shifts)).exp()
        clipped = ratio.clamp(1 - recipe.clip, 1 + recipe.clip_high)
        gain = torch.minimum(ratio * advantages[place], clipped * advantages[place])
        kl = (start - own).exp() - (start - own) - 1
        if recipe.kl == "corrected":
            kl = kl * ratio
        losses.append(-gain + recipe.beta * kl)
    every = torch.cat(losses)
    if recipe.loss == "grpo":
        return torch.stack([one.mean() for one in losses]).mean()
    if recipe.loss == "dr_grpo":
        return every.sum() / (len(losses) * model.config.max_position_embeddings)
    return every.mean()


def train_by_hand(
    model: PreTrainedModel, recipe: GrpoSettings
) -> Iterator[tuple[float, float]]:
    """Take the steps with plain torch; yield the loss and the norm of its gradient."""
    model.train()
    with torch.no_grad():
        reference = score_by_hand(copy.deepcopy(model), recipe.temperature)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, weight_decay=0.0)
    for step in range(recipe.steps):
        loss = lose_by_hand(model, reference, recipe)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights, 1.0)
        for group in optimizer.param_groups:
            left = 1 - step / recipe.steps if recipe.schedule == "linear" else 1
            group["lr"] = recipe.learning_rate * left
        optimizer.step()
        yield loss.item(), norm.item()


OTHER = {"loss": "dapo", "scale_rewards": "batch", "kl": "k3", "schedule": "constant"}
SUMMED = {"loss": "dr_grpo", "scale_rewards": "none", "clip": 0.05, "clip_high": 0.4}
BY_HAND = [(True, {}), (False, {}), (True, OTHER), (True, SUMMED)]


@pytest.mark.parametrize(
    ("enabled", "changes"), BY_HAND, ids=["True", "False", "dapo", "dr_grpo"]
)
def test_three_steps_by_hand(
    tiny_policy: Path,
    enabled: bool,
    changes: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Loss, gradient and weights: KL to the start, clip, rewards scaled by group.

    What was sampled is said to be of a somewhat other policy, so that some ratios are
    clipped and others are not. Each step learns once from all that it played.
    """
    recipe = settings(enabled=enabled, **changes)
    model = load_policy(tiny_policy, COMPUTE).model
    if enabled:
        model = get_peft_model(model, configure_adapter(recipe.adapter))
    score, finish = GRPOTrainer._generate_and_score_completions, train_module.finish

    def score_shifted(trainer: GRPOTrainer, inputs: Any) -> dict[str, Any]:
        made = score(trainer, inputs)
        reference = made["ref_per_token_logps"]
        shifts = [SHIFTS[n % 4] for n in range(reference.shape[1])]
        return made | {"old_per_token_logps": reference + torch.tensor(shifts)}

    def finish_watched(trainer: GRPOTrainer, *others: Any) -> None:
        model.load_state_dict(trainer.model.state_dict())
        finish(trainer, *others)

    monkeypatch.setattr(GRPOTrainer, "_generate_and_score_completions", score_shifted)
    monkeypatch.setattr(train_module, "finish", finish_watched)
    monkeypatch.setattr(train_module, "Rollouts", Given)

    curve = fit(recipe)

    expected = list(train_by_hand(model, recipe))
    assert changes or abs(expected[0][0]) > 1e-3, "some ratios are clipped"
    assert enabled or all(norm > 1 for _, norm in expected), "gradients are clipped"
    for step, (loss, norm) in zip(curve, expected, strict=True):
        assert float(step["loss"]) == pytest.approx(loss, rel=2e-3, abs=1e-5)
        assert float(step["grad_norm"]) == pytest.approx(norm, rel=2e-3)
    if isinstance(model, PeftModel):
        model = model.merge_and_unload()
    trained = load_policy(Path("data/grpo/base/grpo/0"), COMPUTE).model
    for ours, theirs in zip(trained.parameters(), model.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-3)


def test_a_step_plays_its_own_tasks(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tasks come in the order in which they were drawn, each for one group."""
    monkeypatch.setattr(train_module, "Rollouts", Given)
    recipe = settings()

    fit(recipe)

    names = [task.name for task in train_module.draw_tasks(INSTANCES, recipe, 0)]
    assert Given.asked == [
        [name for name in names[place : place + 2] for _ in range(3)]
        for place in (0, 2, 4)
    ]


SHORT = COMPUTE.model_copy(update={"dtype": "bfloat16", "train_dtype": "bfloat16"})


def test_given_rollouts_are_learned_in_bfloat16_as_in_float32(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The curve is the same up to rounding."""
    monkeypatch.setattr(train_module, "Rollouts", Given)
    curves = []
    for compute in (COMPUTE, SHORT):
        key = compute.train_dtype
        run = Run("grpo/base/grpo/0", "base", settings(steps=2), compute, 0, key)
        train_module.train(run, INSTANCES, expert())
        with open("data/curves/grpo/base/grpo/0.csv") as file:
            rows = list(csv.DictReader(file))
        names = ("loss", "kl", "grad_norm")
        curves.append([float(row[name]) for row in rows for name in names])

    assert curves[0] != curves[1]
    assert curves[1] == pytest.approx(curves[0], rel=0.05, abs=1e-3)


def test_a_sampler_in_bfloat16_may_round(tiny_policy: Path) -> None:
    """It differs from its trainer by more than in float32, and that stops nothing."""
    run = Run("grpo/base/grpo/0", "base", settings(steps=1), SHORT, 0, "key")

    train_module.train(run, INSTANCES, expert())

    with open("data/curves/grpo/base/grpo/0.csv") as file:
        (row,) = csv.DictReader(file)
    assert 1e-4 < float(row["sampler_gap"]) < 0.1


# --- sampler and trainer ------------------------------------------------------------
def test_rollouts_follow_the_adapter() -> None:
    """The learner says what base and adapter say together, at its temperature."""
    model, tokenizer = build_tiny(hidden_size=32, layers=2)
    chat, learner = ChatTemplate(tokenizer), adapted(model, "default")
    merged = copy.deepcopy(learner).merge_and_unload()
    tasks = [Task(instance, "guesser") for instance in INSTANCES[:2]] * 2

    def replies(model: PreTrainedModel, temperature: float) -> list[list[int]]:
        recipe = settings(temperature=temperature)
        played = Rollouts(tasks, chat, recipe, expert(), seed=0).play(tasks, model, 0)
        turns = [one.table.session.turns[1] for one in played]
        assert {turn.role for turn in turns} == {"guesser"}
        return [turn.token_ids for turn in turns]

    with learner.disable_adapter():
        base = replies(learner, 0.7)
    assert replies(learner, 0.7) == replies(merged, 0.7) != base
    cold = replies(learner, 1e-6)
    assert cold[:2] == cold[2:], "all but greedy"


def test_an_abort_has_the_price_that_is_set(tiny_policy: Path) -> None:
    """An untrained policy keeps to no form."""
    (step,) = fit(settings(steps=1))

    assert float(step["reward"]) == -0.25
    assert float(step["reward_std"]) == 0


@pytest.fixture
def rewarding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reward episodes by what they end in, so that there is something to learn."""
    judge = lambda episode, _: float(len(episode.turns[-1].reply) % 3)  # noqa: E731
    monkeypatch.setattr(rollouts_module, "load_reward", lambda name: judge)


@pytest.mark.usefixtures("rewarding")
def test_the_gap_is_in_the_curve_at_every_step(tiny_policy: Path) -> None:
    """It is next to nothing, also once an adapter has learned."""
    curve = fit(settings())

    assert len(curve) == 3
    assert all(0 < float(step["sampler_gap"]) < 1e-3 for step in curve)
    assert float(curve[-1]["kl"]) > 1e-3, "something was learned"


@pytest.mark.usefixtures("rewarding")
@pytest.mark.parametrize("enabled", [True, False])
def test_a_sampler_that_is_not_the_trained_policy_is_refused(
    tiny_policy: Path, enabled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first step it still is: an adapter begins as nothing."""
    start, get = load_policy(tiny_policy, COMPUTE).model, KeptEngines.get

    def forget(
        kept: KeptEngines, learner: PreTrainedModel, temperature: float
    ) -> Backend:
        if enabled:
            return get(kept, learner, temperature, BASE)
        return get(kept, start, temperature)

    steps: list[int] = []
    check = rollouts_module.check_logprobs
    monkeypatch.setattr(KeptEngines, "get", forget)
    monkeypatch.setattr(
        rollouts_module,
        "check_logprobs",
        lambda *args: steps.append(len(steps)) or check(*args),
    )

    with pytest.raises(ArtifactError, match="log-probabilities of sampled tokens"):
        fit(settings(learning_rate=0.1))

    assert len(steps) > 1


def test_every_rollout_has_its_turn_to_be_compared(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at the first step, then one of each group, another one at each step."""
    compared: list[list[int]] = []
    check = rollouts_module.check_logprobs
    monkeypatch.setattr(
        rollouts_module,
        "check_logprobs",
        lambda model, fields, places: (
            compared.append(list(places)) or check(model, fields, places)
        ),
    )

    fit(settings())

    assert compared == [[0, 1, 2, 3, 4, 5], [1, 4], [2, 5]]


# --- stops, and the stage -----------------------------------------------------------
class Stopped(Exception):
    """Stands for Ctrl-C or a kill."""


@pytest.mark.usefixtures("rewarding")
@pytest.mark.parametrize("enabled", [True, False])
def test_a_stopped_run_ends_as_an_undisturbed_one(
    tiny_policy: Path,
    enabled: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    """Weights, curve and cost in tokens are the same after a stop."""
    recipe, folder = settings(enabled=enabled), Path.cwd() / "data/grpo/base/grpo/0"

    def made() -> tuple[Any, ...]:
        cost = read_cost(locate_cost("grpo/base/grpo/0"))
        tokens = cost.prompt_tokens, cost.sampled_tokens, cost.trained_tokens
        return fingerprint(folder), tokens

    expected = fit(recipe), made()
    assert min(expected[1][1]) > 0
    folder.rename("first")
    save = training._Meter.on_save

    def stop(
        self: TrainerCallback, args: object, state: Any, *_: object, **__: object
    ) -> None:
        if state.global_step == 2:
            raise Stopped  # before this checkpoint is whole
        save(self, args, state, None)

    with monkeypatch.context() as patch:
        patch.setattr(training._Meter, "on_save", stop)
        with pytest.raises(Stopped):
            fit(recipe)
    steps: list[int] = []
    play = Rollouts.play
    monkeypatch.setattr(
        Rollouts,
        "play",
        lambda self, tasks, model, step: (
            steps.append(step) or play(self, tasks, model, step)
        ),
    )

    assert (fit(recipe), made()) == expected
    assert "resuming from step 1 of 3" in capsys.readouterr().out
    assert steps == [1, 2]


def test_the_stage_trains_on_the_training_split(
    tiny_policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the games of its roles, from its start, as the variant says."""
    write_inputs()
    override = {"roles": {"referencegame": ["follower"]}, "beta": 0.9}
    set_params(
        grpo__variants=["one"],
        grpo__overrides={"one": override},
        grpo__common__partners=[{"kind": "expert", "skill": 0.5}],
        seeds=[0, 5],
    )
    given: list[tuple] = []
    monkeypatch.setattr(main_module, "train", lambda *args, **_: given.append(args))

    run_stage(
        "grpo",
        "--start",
        "base",
        "--partner",
        "base",
        "--variant",
        "one",
        "--seed",
        "5",
    )

    ((run, instances, make_seat),) = given
    expected = list_ids(locate_instances("train"), ["referencegame"])
    assert [(one.game, one.instance_id) for one in instances] == expected
    assert (run.policy, run.start, run.seed) == ("grpo/one/5", "base", 5)
    assert (run.settings.beta, run.settings.roles) == (0.9, override["roles"])
    assert make_seat is not None
