"""Train a policy on its own rollouts, with TRL's GRPOTrainer (`stages.grpo.trainer`).

One step plays `groups` instances `group_size` times each and takes `iterations`
gradient steps on all of them. The advantage is the reward minus its group's mean,
divided by a standard deviation (`scale_rewards`); KL to the start policy is the k3
estimate (weight `beta`), or the same times the ratio to the sampler, so that its
gradient is unbiased (`kl`). With `loss: grpo` the loss is the mean over a rollout's
sampled tokens, then over rollouts; dr_grpo divides by the model's longest context
instead of a rollout's length.

Departures from the paper: adapters in float32 instead of full weights (a param); a
scripted expert as the fixed partner instead of gpt-4o-mini; gradient clipping
at 1, where it has none; tokens are kept as sampled,
never decoded and encoded again; partner-caused failures are drawn again instead of
being replaced by copies of other rollouts.
"""

import random
from collections.abc import Callable, Sequence

import torch
from datasets import Dataset
from trl import GRPOConfig

from games.contract import Instance
from games.errors import StudyError
from pipeline.params.sections.grpo import GrpoSettings
from stages.common.seeds import derive_seed
from stages.engines.local.soundness import check_engine
from stages.grpo.rollout import Task
from stages.grpo.rollouts import Rollouts
from stages.grpo.trainer import GroupedGRPOTrainer
from stages.playing.seats import MakeSeat
from stages.training.folded import folded
from stages.training.precision import load_start
from stages.training.prefix import share_prefixes
from stages.training.recipe import (
    Run,
    begin_training,
    configure_adapter,
    configure_trainer,
    finish,
)

COLUMNS = (
    "reward",
    "reward_std",
    "frac_reward_zero_std",
    "kl",
    "entropy",
    "grad_norm",
    "learning_rate",
    "completions/mean_length",
    "sampler_gap",
)


def draw_tasks(
    instances: Sequence[Instance], settings: GrpoSettings, seed: int
) -> list[Task]:
    """Draw the tasks of all steps in order: games and roles take turns.

    Without partners, all roles of an instance follow each other.

    Raises:
        StudyError: there is no instance of a game in `roles`.
    """
    rng = random.Random(derive_seed(seed, "grpo tasks"))
    seats = [(game, role) for game, roles in settings.roles.items() for role in roles]
    is_shared = not settings.partners
    pools: dict[tuple[str, str], list[Instance]] = {}
    tasks: list[Task] = []
    for number in range(settings.steps * settings.groups):
        game, role = seats[number % len(seats)]
        if is_shared and tasks and role != settings.roles[game][0]:
            tasks.append(Task(tasks[-1].instance, role))
            continue
        pool = pools.setdefault((game, role), [])
        if not pool:
            pool += [i for i in instances if i.game == game]
            rng.shuffle(pool)
        if not pool:
            raise StudyError(f"grpo.roles names {game}, which has no training instance")
        tasks.append(Task(pool.pop(), role))
    return tasks


def train(
    run: Run[GrpoSettings],
    instances: Sequence[Instance],
    partner: MakeSeat | None,
    *,
    max_reply_tokens: int | None = None,
) -> None:
    """Train the start policy on its rollouts; write the policy and its curve.

    Args:
        run: from which policy, how, into which policy.
        instances: of the training split.
        partner: who plays the other seats; None: the start policy, or, where the
            settings name no partner, the learner itself.
        max_reply_tokens: where a reply is cut off; None: at the limit of the game.

    Raises:
        ArtifactError: the start policy is missing or damaged, or what it samples is not
            what the trainer sees.
    """
    settings = run.settings
    policy = load_start(run.start, run.compute, run.settings.adapter)
    check_engine(policy, run.start)
    tasks = draw_tasks(instances, settings, run.seed)
    rows = [{"prompt": task.name} for task in tasks]
    checkpoints = run.checkpoints
    rollouts = Rollouts(
        tasks,
        policy.chat,
        settings,
        partner,
        seed=run.seed,
        max_reply_tokens=max_reply_tokens,
    )
    size = settings.groups * settings.group_size
    common = configure_trainer(run, checkpoints, on_cpu_at_once=settings.group_size)
    del common["train_sampling_strategy"], common["num_train_epochs"]  # TRL's own
    common["gradient_accumulation_steps"] *= settings.groups
    common["save_steps"] *= settings.iterations  # never between two on one batch
    common["lr_scheduler_type"] = settings.schedule
    config = GRPOConfig(
        **common,
        max_steps=settings.steps * settings.iterations,
        num_iterations=settings.iterations,
        generation_batch_size=size,
        num_generations=settings.group_size,
        shuffle_dataset=False,
        temperature=settings.temperature,
        beta=settings.beta,
        loss_type=settings.loss,
        scale_rewards=settings.scale_rewards,
        epsilon=settings.clip,
        epsilon_high=settings.clip_high,
        use_bias_correction_kl=settings.kl == "corrected",
        max_completion_length=policy.model.config.max_position_embeddings,
    )
    trainer = GroupedGRPOTrainer(
        begin_training(policy),
        reward_funcs=_episode_reward,
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=policy.tokenizer,
        peft_config=configure_adapter(settings.adapter),
        rollout_func=rollouts,
    )
    for model in filter(None, (policy.model, trainer.ref_model)):
        share_prefixes(model, temperature=settings.temperature, extras=["entropy"])
    assert isinstance(trainer.model, torch.nn.Module)
    with folded(trainer.model):
        finish(trainer, policy, run, checkpoints, COLUMNS, lambda *_: rollouts.cost)


def _episode_reward(
    episode_reward: list[float | None],
    sampler_gap: list[float],
    log_metric: Callable[[str, float], None],
    **_: object,
) -> list[float | None]:
    """Take the rewards that the rollouts brought along, and log the sampler's gap."""
    log_metric("sampler_gap", max(sampler_gap))
    return episode_reward
