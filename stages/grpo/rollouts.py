"""GRPO's rollouts: the learner in one seat, live, and the partner in the others.

TRL asks for rollouts through `rollout_func`; an episode comes back as one prompt and
one completion in which only the learner's sampled ids are trained on (`env_mask`); what
it replied as an aside decides the reward, but is not trained on. An episode that the
partner ended by breaking a format, or before the learner could move, is drawn again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from peft import PeftModel
from transformers import PreTrainedModel

from games.contract import Instance, Kind
from games.errors import ArtifactError
from games.registry import GAMES
from pipeline.params.sections.grpo import GrpoSettings
from stages.common.chat import ChatTemplate
from stages.common.cost import Cost
from stages.common.seeds import derive_seed
from stages.engines.backend import Backend, TokenCounts
from stages.engines.choice import KeptEngines
from stages.engines.local.adapters import BASE
from stages.engines.local.soundness import own_logprobs
from stages.grpo.reward import reward
from stages.playing.branching import draw_branch_turns, fork
from stages.playing.redraw import draw_again, is_broken_by_partner
from stages.playing.seats import MakeSeat, PolicySeat, Seat
from stages.playing.side import Stream
from stages.playing.table import Table, find_backends, make_table, play

_MAX_LOGPROB_GAP = 0.02
"""Sampling and training run the same float32 model: only summation order differs."""


_FIELDS = ("prompt_ids", "completion_ids", "logprobs", "env_mask")
"""What TRL wants to know of a rollout."""


@dataclass(frozen=True)
class Task:
    """What one group of rollouts plays: an instance, and the learner's role in it."""

    instance: Instance
    role: str

    @property
    def name(self) -> str:
        """The name under which TRL's dataset knows the task."""
        return f"{self.instance.game}/{self.instance.instance_id}/{self.role}"


@dataclass
class Rollout:
    """An episode of the learner, and which of its replies are trained on."""

    table: Table
    role: str
    """The learner's."""
    only: int | None = None
    """Index of the only turn that is trained on; None: all of the learner's."""

    @property
    def is_partners_fault(self) -> bool:
        """Whether the episode says nothing about the learner."""
        return is_broken_by_partner(self.table, [self.role]) or not any(
            turn.role == self.role and turn.kind != Kind.GIVEN
            for turn in self.table.session.turns
        )

    def find_span(self, stream: Stream) -> tuple[int, int]:
        """Find from where to where the learner's stream is trained on."""
        if self.only is None:
            return stream.prompt_length, len(stream.ids)
        before = self.table.session.turns[: self.only]
        said = [t for t in before if t.role == self.role and t.kind == Kind.SAID]
        start = stream.starts[len(said)]
        reply = self.table.session.turns[self.only]
        return start, start + len(reply.token_ids)


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
    ) -> None:
        """Take the tasks by name; `seed` and the trainer's step decide every draw.

        Without a `partner` it is the policy that the learner started as: the trained
        model without its adapter, which decodes greedily.
        """
        self._tasks = {task.name: task for task in tasks}
        self._chat, self._settings, self._seed = chat, settings, seed
        self._partner = partner
        self._engines = KeptEngines(chat.ends)
        self._counted: WeakKeyDictionary[Backend, TokenCounts] = WeakKeyDictionary()
        self.cost = Cost()
        """Of all rollouts so far: what was sampled, and what of it is trained on."""

    def __call__(self, prompts: list[str], trainer: Any) -> dict[str, list]:
        """Play one episode a prompt; return TRL's rollout fields and the rewards."""
        model = trainer.accelerator.unwrap_model(trainer.model)
        model.eval()
        step = trainer.state.global_step
        rollouts = self.play([self._tasks[name] for name in prompts], model, step)
        fields = collect_fields(rollouts, self._chat.end_of_turn)
        pieces = fields["prompt_ids"] + fields["completion_ids"]
        self.cost += Cost(trained_tokens=sum(map(len, pieces)))
        fields["sampler_gap"] = [self._check(model, fields, step)] * len(prompts)
        model.train()
        fields["episode_reward"] = [
            reward(
                one.table.session.episode(), abort_reward=self._settings.abort_reward
            )
            for one in rollouts
        ]
        return fields

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
        self, tasks: Sequence[Task], model: PreTrainedModel, step: int
    ) -> list[Rollout]:
        """Play one episode for each task, in the same order.

        At level "turn" the rollouts of a task branch off one episode of it, at one of
        the learner's turns: their rewards tell what that reply is worth, and they train
        on nothing else.
        """
        engine = self._engines.get(model, self._settings.temperature)
        learner = PolicySeat(engine, self._chat)
        partner = self._partner or self._seat_start_policy(model)

        def start(place: int, draw: int) -> Table:
            seed = derive_seed(self._seed, step, place, draw)
            return self._make_table(tasks[place], learner, partner, seed)

        if self._settings.level == "episode":
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
            return Rollout(table, tasks[place].role).is_partners_fault

        places = sorted(places)
        tables = draw_again(places, play_draw, is_void)
        return [
            Rollout(table, tasks[place].role)
            for place, table in zip(places, tables, strict=True)
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
        seat = PolicySeat(engine, self._chat)
        return lambda instance, role, seed: seat

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
        return make_table(game, task.instance, seats, names, sample=0, seed=seed)


def collect_fields(rollouts: Sequence[Rollout], end_of_turn: int) -> dict[str, list]:
    """Collect TRL's fields; an episode without a learner's move trains on nothing."""
    fields: dict[str, list] = {name: [] for name in _FIELDS}
    for rollout in rollouts:
        stream = rollout.table.streams.get(rollout.role)
        if stream is None:
            values = [end_of_turn], [end_of_turn], [0.0], [0]
        else:
            start, end = rollout.find_span(stream)
            values = (
                stream.ids[:start],
                stream.ids[start:end],
                stream.logprobs[start:end],
                stream.mask[start:end],
            )
        for name, value in zip(fields, values, strict=True):
            fields[name].append(value)
    return fields


def check_logprobs(
    model: PreTrainedModel, fields: dict[str, list], places: Iterable[int]
) -> float:
    """Compare the sampler's log-probabilities with the trained model's own.

    Args:
        model: as it is trained, its adapter included.
        fields: of the rollouts.
        places: of those that are compared.

    Returns:
        The largest difference of all sampled tokens.

    Raises:
        ArtifactError: it is too large, or no number, so that training would learn from
            other tokens than were sampled.
    """
    gaps = [torch.zeros(1)]
    for place in places:
        prompt, completion, sampled, mask = (fields[name][place] for name in _FIELDS)
        logprobs = own_logprobs(model, prompt, completion)
        gaps.append((logprobs - torch.tensor(sampled)).abs() * torch.tensor(mask))
    gap = torch.cat(gaps).max().item()
    if not gap <= _MAX_LOGPROB_GAP:  # so that NaN is refused as well
        raise ArtifactError(
            f"log-probabilities of sampled tokens differ by {gap:.3f} between sampling "
            "and training: the policy or its dtype is unsound, set compute.dtype to "
            "float32"
        )
    return gap
