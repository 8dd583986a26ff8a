"""How long a step of GRPO takes: `python -m stages.tools.gpu_check.grpo`.

The study's trainer on 64 episodes of relay a step, eight of each of eight instances,
with the start policy as partner: what `stages.tools.grpo_speed` measures on a CPU.
Prints a line of JSON.
"""

import time
from collections.abc import Iterator
from typing import Any

from games.registry import GAMES
from pipeline.params.read import load_params
from stages.common.cli import run
from stages.common.policy import Policy
from stages.grpo.rollout import Task
from stages.grpo.trainer import GroupedGRPOTrainer
from stages.tools import grpo_speed
from stages.tools.gpu_check.found import Figure, measure_peak, reset_peak, tell_all
from stages.tools.gpu_check.models import load
from stages.tools.selfplay_speed.relay import GAME, ROLES, make_relay_instances

_STEPS, _GROUPS, _AT_ONCE = 3, 8, 16


def time_steps(policy: Policy, *, steps: int, groups: int, at_once: int) -> Figure:
    """Take some steps; return the seconds of the quickest after the first."""
    device = policy.model.device.type
    reset_peak(device)
    GAMES[GAME.spec.name] = GAME
    params = load_params().grpo
    settings = next(iter(map(params.variant, params.variants)))
    tasks = [Task(one, ROLES[0]) for one in make_relay_instances(steps * groups)]
    played = grpo_speed.TimedRollouts(tasks, policy.chat, settings, None, seed=0)
    starts: list[float] = []
    playing: list[float] = []

    def play(prompts: list[str], trainer: Any) -> dict[str, list]:
        starts.append(time.perf_counter())
        fields = played(prompts, trainer)
        playing.append(played.seconds)
        return fields

    grpo_speed.take_steps(
        policy,
        settings,
        [task.name for task in tasks],
        play,
        GroupedGRPOTrainer,
        steps=steps,
        groups=groups,
        at_once=at_once,
    )
    ends = [*starts[1:], time.perf_counter()]
    took = [end - start for start, end in zip(starts, ends, strict=True)]
    best = min(range(1, steps), key=took.__getitem__)
    more = {"playing": round(playing[best], 2), "first": round(took[0], 2)}
    return Figure(
        "GRPO", "a step", round(took[best], 2), "s", more | measure_peak(device)
    )


def measure() -> Iterator[Figure]:
    """Measure the base policy in float32, as the study trains."""
    policy = load("small", "float32")
    row = time_steps(policy, steps=_STEPS, groups=_GROUPS, at_once=_AT_ONCE)
    yield Figure(row.part, "small, 64 rollouts, a step", row.value, row.unit, row.more)


def main() -> None:
    """Measure and print."""
    tell_all("GRPO", measure(), "small, 64 rollouts, a step")


if __name__ == "__main__":
    run(main)
