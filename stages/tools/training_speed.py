"""How fast trainers are, ours and not: `python -m stages.tools.training_speed`.

SFT and DPO train adapters of the base policy for a few steps, on dialogues and pairs of
scripted players in the held-in games: in one pass a batch, row by row, and as TRL
computes a padded batch by itself. What is printed is kept in docs/training-speed.json,
with a step of GRPO (`stages.tools.grpo_speed`). Seconds are those of this process on
one processor: what else runs there does not count.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from transformers import Trainer

from games.checks.conformance import make_instances
from games.registry import GAMES
from games.session import Episode, Session, expert_pair
from pipeline.params.read import load_params
from pipeline.params.sections.whole import Params
from stages.common.cli import run
from stages.common.files import write_json
from stages.common.policy import Policy, load_policy, locate_policy
from stages.common.seeds import derive_seed
from stages.demonstrations.rows import demonstrate
from stages.dpo import train as dpo
from stages.preferences.pairs import prefer
from stages.tools import grpo_speed
from stages.training import supervised as sft
from stages.training.checkpoints import Checkpoints
from stages.training.prefix import share_prefixes
from stages.training.recipe import Run, lay_out
from stages.training.ways import Way

FILE = Path("docs/training-speed.json")
_STEPS = 4
_SKILLS = (0.95, 0.95, 0.4, 0.4)

_UNSHARED_AT_ONCE = {"sft": 2, "dpo": 1}
"""Rows or pairs that fit into the memory of four that share their starts."""

MakeTrainer = Callable[[Policy, Checkpoints, int], Trainer]


def episodes(games: Sequence[str], seed: int) -> list[Episode]:
    """Play some instances of each game with scripted players of two skills."""
    played = []
    for name in games:
        game = GAMES[name]
        for instance in make_instances(game, "train", seed):
            for sample, skill in enumerate(_SKILLS):
                names = dict.fromkeys(game.spec.roles, f"expert {skill}")
                session = Session(game, instance, names, sample=sample, seed=seed)
                of_sample = derive_seed(seed, instance.instance_id, sample)
                players = expert_pair(game, instance, skill, of_sample)
                while session.role is not None:
                    session.reply(players[session.role](session.messages()))
                played.append(session.episode())
    return played


def jobs(params: Params, policy: Policy) -> dict[str, tuple[Run, MakeTrainer]]:
    """List the trainings by name, each with its settings and its trainer."""
    games = params.games.held_in
    played = episodes(games, params.seed)
    compute = params.compute.model_copy(update={"device": "cpu", "threads": 1})
    found: dict[str, tuple[Run, MakeTrainer]] = {}

    def add(name: str, settings: Any, rows: list[Any], lengths: list[int]) -> None:
        job = Run(name, "base", settings, compute, 0, "speed")
        order = lay_out(rows, lengths, job)[: _STEPS * settings.batch_size]
        module: Any = sft if name == "sft" else dpo

        def make(policy: Policy, checkpoints: Checkpoints, at_once: int) -> Trainer:
            return module.make_trainer(
                policy, job, checkpoints, order, on_cpu_at_once=at_once
            )

        found[name] = job, make

    shown = demonstrate(played, games, params.demonstrations, params.seed)
    rows = [sft.label(row["messages"], policy.chat) for row in shown]
    settings = params.sft.variant(params.sft.variants[0])
    add("sft", settings, rows, [len(row["input_ids"]) for row in rows])
    pairs = prefer(played, games, params.preferences, params.seed)
    for name in params.dpo.variants:
        wanted = params.dpo.variant(name)
        some = [pair for pair in pairs if pair["level"] == wanted.level]
        rows = [dpo.tokenise(pair, policy.chat) for pair in some]
        add(name, wanted, rows, dpo.measure_lengths(rows))
    return found


def seconds(
    job: Run, make: MakeTrainer, at_once: int, way: Way | None, *, is_trls: bool = False
) -> float:
    """Train a few steps; return the seconds, start-up left out."""
    policy = load_policy(locate_policy(job.start), job.compute, dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        checkpoints = job.checkpoints
        checkpoints.folder = Path(folder)
        trainer = make(policy, checkpoints, at_once)
        if not is_trls:
            share_prefixes(policy.model, way=way)
        start = time.process_time()
        trainer.train()
        return time.process_time() - start


def main() -> None:
    """Measure, print and keep."""
    params = load_params()
    policy = load_policy(locate_policy("base"), params.compute, dtype="float32")
    measured: dict[str, Any] = {}
    for name, (job, make) in jobs(params, policy).items():
        few = _UNSHARED_AT_ONCE[name.split("-")[0]]
        times = {
            "our_seconds": seconds(job, make, job.settings.batch_size, None),
            "row_by_row_seconds": seconds(job, make, few, Way.ROWS),
            "trl_seconds": seconds(job, make, few, None, is_trls=True),
        }
        measured[name] = {what: round(value, 1) for what, value in times.items()}
        _show(name, measured[name])
    measured["grpo"] = grpo_speed.measure()
    _show("grpo", measured["grpo"])
    write_json(FILE, measured)


def _show(name: str, times: dict[str, float]) -> None:
    ours = times["our_seconds"]
    rows, trl = (times[f"{way}_seconds"] / ours for way in ("row_by_row", "trl"))
    print(
        f"{name}: {ours:.1f} s; row by row {rows:.2f}, TRL's own way {trl:.2f} times "
        "as long",
        flush=True,
    )


if __name__ == "__main__":
    run(main)
