"""GRPO's rollouts: the learner in one seat, live, and the partner in the others.

TRL asks for rollouts through `rollout_func`; an episode comes back as one prompt and
one completion in which only the learner's sampled ids are trained on (`env_mask`); what
it replied as an aside decides the reward, but is not trained on. An episode that the
partner ended by breaking a format, or before the learner could move, is drawn again.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any
from weakref import WeakKeyDictionary

from peft import PeftModel
from transformers import PreTrainedModel

from games.registry import GAMES
from pipeline.params.sections.grpo import GrpoSettings
from stages.common.chat import ChatTemplate
from stages.common.cost import Cost
from stages.common.seeds import derive_seed
from stages.engines.backend import Backend, TokenCounts
from stages.engines.choice import KeptEngines
from stages.engines.local.adapters import BASE
from stages.grpo.fields import check_logprobs, collect_fields
from stages.grpo.rewards import load_reward
from stages.grpo.rollout import Rollout, Task
from stages.playing.branching import draw_branch_turns, fork
from stages.playing.redraw import draw_again
from stages.playing.seats import MakeSeat, PolicySeat, Seat
from stages.playing.table import Table, find_backends, make_table, play

MakeTable = Callable[[int, int], Table]
"""(place, draw) -> a table to play."""


class Rollouts:
    """Plays the tasks that the trainer asks for; pass `__call__` as `rollout_func`."""

    def __init__(
        self,
        tasks: Sequence[Task],
        chat: ChatTemplate,
        settings: GrpoSettings,
        partner: MakeSeat | None,
        *,
        seed: int,
        max_reply_tokens: int | None = None,
    ) -> None:
        """Take the tasks by name; `seed` and the trainer's step decide every draw.

        Where `settings` name partners and `partner` is None, it is the policy that the
        learner started as: the trained model without its adapter, which decodes
        greedily.
        """
        self._tasks = {task.name: task for task in tasks}
        self._chat, self._settings, self._seed = chat, settings, seed
        self._partner, self._max_reply_tokens = partner, max_reply_tokens
        self._reward = load_reward(settings.reward)
        self._engines = KeptEngines(chat.ends)
        self._counted: WeakKeyDictionary[Backend, TokenCounts] = WeakKeyDictionary()
        self.cost = Cost()
        """Of all rollouts so far: what was sampled, and what of it is trained on."""

    def __call__(self, prompts: list[str], trainer: Any) -> dict[str, list]:
        """Play one episode a prompt; return TRL's rollout fields and the rewards."""
        model = trainer.accelerator.unwrap_model(trainer.model)
        model.eval()
        step = trainer.state.global_step
        tasks = [self._tasks[name] for name in prompts]
        rollouts = self.play(tasks, model, step)
        for again in range(1, self._settings.redraws + 1):
            self._replace_uniform_groups(rollouts, model, step, again)
        fields = collect_fields(rollouts, self._chat.end_of_turn)
        pieces = fields["prompt_ids"] + fields["completion_ids"]
        self.cost += Cost(trained_tokens=sum(map(len, pieces)))
        with trainer.accelerator.autocast():  # as it is trained
            gap = self._check(model, fields, step)
        fields["sampler_gap"] = [gap] * len(prompts)
        model.train()
        fields["episode_reward"] = self._reward_all(rollouts)
        return fields

    def _reward_all(self, rollouts: Sequence[Rollout]) -> list[float]:
        """Reward every rollout.

        One that a partner broke, each time it was drawn, has the mean of its group, so
        that nothing is learned from it.
        """
        price, size = self._settings.abort_reward, self._settings.group_size
        rewards: list[float] = []
        for start in range(0, len(rollouts), size):
            group = rollouts[start : start + size]
            known = {
                place: self._reward(one.table.session.episode(), price)
                for place, one in enumerate(group)
                if not one.is_partners_fault
            }
            mean = fmean(known.values()) if known else 0.0
            rewards += [known.get(place, mean) for place in range(len(group))]
        return rewards

    def _replace_uniform_groups(
        self,
        rollouts: list[Rollout],
        model: PreTrainedModel,
        step: int,
        again: int,
    ) -> None:
        """Play, for each group of equal rewards, another task of its game and role.

        Such a group teaches nothing (DAPO, arXiv 2503.14476, section 3.2).
        """
        size, rewards = self._settings.group_size, self._reward_all(rollouts)
        uniform = [
            start
            for start in range(0, len(rollouts), size)
            if len(set(rewards[start : start + size])) == 1
        ]
        tasks = [
            self._draw_other(rollouts[start].task, step, start, again)
            for start in uniform
        ]
        repeated = [task for task in tasks for _ in range(size)]
        if not repeated:
            return
        played = self.play(repeated, model, step, again=again)
        for number, start in enumerate(uniform):
            rollouts[start : start + size] = played[number * size : (number + 1) * size]

    def _draw_other(self, task: Task, step: int, place: int, again: int) -> Task:
        """Draw a task of the same game and role."""
        alike = [
            one
            for one in self._tasks.values()
            if (one.instance.game, one.role) == (task.instance.game, task.role)
        ]
        seed = derive_seed(self._seed, step, place, "again", again)
        return random.Random(seed).choice(alike)

    def _check(
        self, model: PreTrainedModel, fields: dict[str, list], step: int
    ) -> float:
        """Compare sampler and trainer: all rollouts at first, then one of each group.

        At each step another one, so that the check costs little and goes on.
        """
        places = range(len(fields["prompt_ids"]))
        if step > 0:
            size = self._settings.group_size
            places = places[step % size :: size]
        return check_logprobs(model, fields, places)

    def play(
        self,
        tasks: Sequence[Task],
        model: PreTrainedModel,
        step: int,
        *,
        again: int = 0,
    ) -> list[Rollout]:
        """Play one episode for each task, in the same order; `again` draws others.

        Without partners, the groups of an instance's roles share their episodes.

        At level "turn" the rollouts of a task branch off one episode of it, at one of
        the learner's turns: their rewards tell what that reply is worth, and they train
        on nothing else.
        """
        engine = self._engines.get(model, self._settings.temperature)
        learner = PolicySeat(engine, self._chat)
        partner = self._partner or self._seat_start_policy(model)
        if not self._settings.partners:
            partner = _always(learner)

        def start(place: int, draw: int) -> Table:
            key = (again, place, draw) if again else (place, draw)
            seed = derive_seed(self._seed, step, *key)
            return self._make_table(tasks[place], learner, partner, seed)

        if not self._settings.partners:
            rollouts = self._share(tasks, start)
        elif self._settings.level == "episode":
            rollouts = self._draw(range(len(tasks)), tasks, start)
        else:
            rollouts = self._draw_branches(tasks, start)
        self._count(find_backends(one.table for one in rollouts))
        self._engines.reset()
        return rollouts

    def _count(self, backends: Iterable[Backend]) -> None:
        """Add what backends have computed since they were counted last."""
        for backend in backends:
            before = self._counted.get(backend, TokenCounts())
            now = self._counted[backend] = replace(backend.tokens)
            self.cost += Cost(
                now.prompt - before.prompt,
                now.cached - before.cached,
                now.sampled - before.sampled,
            )

    def _draw(
        self, places: Iterable[int], tasks: Sequence[Task], start: MakeTable
    ) -> list[Rollout]:
        """Play a table for each place; draw again what the partner broke."""

        def play_draw(todo: Sequence[int], draw: int) -> list[Table]:
            tables = [start(place, draw) for place in todo]
            for _ in play(tables, len(tables)):
                pass
            return tables

        def is_void(place: int, table: Table) -> bool:
            return Rollout(table, tasks[place]).is_partners_fault

        places = sorted(places)
        tables = draw_again(places, play_draw, is_void)
        return [
            Rollout(table, tasks[place])
            for place, table in zip(places, tables, strict=True)
        ]

    def _share(self, tasks: Sequence[Task], start: MakeTable) -> list[Rollout]:
        """Play the learner against itself: one episode for all roles that learn in it.

        Each role's group has a mean of its own, so that nobody's advantage tells how
        easy the role is (SPIRAL, arXiv 2506.24119).
        """
        seen: Counter[str] = Counter()
        places: dict[tuple[str, str, int], int] = {}
        owners = []
        for place, task in enumerate(tasks):
            number = seen[task.name]
            seen[task.name] += 1
            key = task.instance.game, task.instance.instance_id, number
            owners.append(places.setdefault(key, place))
        played = {owner: start(owner, 0) for owner in places.values()}
        for _ in play(played.values(), len(played)):
            pass
        return [
            Rollout(played[owner], task)
            for owner, task in zip(owners, tasks, strict=True)
        ]

    def _draw_branches(self, tasks: Sequence[Task], start: MakeTable) -> list[Rollout]:
        """Play one episode a task, then each place's continuation of one its turns."""
        first = {task.name: place for place, task in reversed(list(enumerate(tasks)))}
        places = sorted(first.values())
        trunks = dict(zip(places, self._draw(places, tasks, start), strict=True))

        def find_turn(place: int) -> tuple[Table, int | None]:
            trunk, role = trunks[first[tasks[place].name]].table, tasks[place].role
            turns = draw_branch_turns(trunk, [role], 1, seed=trunk.session.seed)
            return trunk, turns[0] if turns else None

        def go_on(place: int, draw: int) -> Table:
            trunk, turn = find_turn(place)
            fresh = start(place, draw)
            if turn is None:
                return fresh
            return fork(trunk, fresh.seats, turn, seed=fresh.session.seed)

        rollouts = self._draw(range(len(tasks)), tasks, go_on)
        for place, rollout in enumerate(rollouts):
            rollout.only = find_turn(place)[1]
        return rollouts

    def _seat_start_policy(self, model: PreTrainedModel | PeftModel) -> MakeSeat:
        """Seat the trained model without its adapter, decoding greedily."""
        engine = self._engines.get(model, 0.0, adapter=BASE)
        return _always(PolicySeat(engine, self._chat))

    def _make_table(
        self, task: Task, learner: PolicySeat, partner: MakeSeat, seed: int
    ) -> Table:
        game = GAMES[task.instance.game]
        seats: dict[str, Seat] = {}
        for role in game.spec.roles:
            seats[role] = (
                learner
                if role == task.role
                else partner(task.instance, role, derive_seed(seed, role))
            )
        names = {r: "learner" if r == task.role else "partner" for r in seats}
        return make_table(
            game,
            task.instance,
            seats,
            names,
            sample=0,
            seed=seed,
            max_reply_tokens=self._max_reply_tokens,
        )


def _always(seat: Seat) -> MakeSeat:
    """Make one seat for whoever asks."""
    return lambda instance, role, seed: seat
