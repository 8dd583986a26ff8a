"""The seats of an episode: who fills a role, whatever it is that replies there.

There is a class for each kind of player of params.yaml, and one interface: `move` makes
the next reply, or says what has to be sampled first. `seat_for` makes the seats of a
player, for whoever plays: self-play, GRPO's rollouts, evaluation.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from games.contract import Instance, Kind, Message
from games.contract import Player as Script
from games.registry import GAMES
from games.session import Turn
from pipeline.params.sections.players import Endpoint, Player
from pipeline.params.sections.study import Compute
from stages.common.adapters import follow_chain, stack_in_scratch
from stages.common.chat import ChatTemplate
from stages.common.factors import measure_rank
from stages.common.policy import load_chat, load_policy, locate_policy
from stages.engines.backend import Backend, Reply, Request
from stages.engines.choice import choose_engine
from stages.engines.endpoint.backend import EndpointBackend
from stages.engines.local.soundness import check_engine
from stages.engines.vllm import VllmBackend
from stages.playing.side import Side


@dataclass(frozen=True)
class Question:
    """A reply that has to be sampled before an episode goes on."""

    backend: Backend
    request: Request
    answer: Callable[[Reply], None]
    """Gives the sampled reply to the episode."""


class Seat(ABC):
    """Fills a role. One seat may be in many episodes: each call says in which."""

    @property
    def backends(self) -> tuple[Backend, ...]:
        """What its replies are sampled by: by nothing, where they are scripted."""
        return ()

    @abstractmethod
    def move(self, side: Side) -> Question | None:
        """Make the next reply at once; or return what has to be sampled for it."""

    @abstractmethod
    def repeat(self, side: Side, turn: Turn) -> None:
        """Make the reply of an earlier episode again, ids and all."""


@dataclass(frozen=True)
class ExpertSeat(Seat):
    """A role filled by a scripted player, which is made for one episode."""

    script: Script

    def move(self, side: Side) -> None:
        """Make the next reply at once."""
        side.session.reply(self.script(side.session.messages()))

    def repeat(self, side: Side, turn: Turn) -> None:
        """Make an earlier reply; the script sees the question, for it may remember."""
        self.script(side.session.messages())
        side.session.reply(turn.reply)


@dataclass(frozen=True)
class EndpointSeat(Seat):
    """A role filled by a model behind an endpoint, which takes and gives texts."""

    backend: Backend

    @property
    def backends(self) -> tuple[Backend, ...]:
        """The endpoint."""
        return (self.backend,)

    def move(self, side: Side) -> Question:
        """Ask the endpoint for a reply to a chat; it takes no ids."""
        request = side.make_request(side.session.messages(), [])
        return Question(
            self.backend, request, lambda reply: side.session.reply(reply.text or "")
        )

    def repeat(self, side: Side, turn: Turn) -> None:
        """Make an earlier reply, without asking anybody."""
        side.session.reply(turn.reply)


@dataclass(frozen=True)
class PolicySeat(Seat):
    """A role filled by a policy in token space.

    What it samples is kept as ids, and never encoded again from text.
    """

    backend: Backend
    chat: ChatTemplate

    @property
    def backends(self) -> tuple[Backend, ...]:
        """The engine that runs the policy."""
        return (self.backend,)

    def move(self, side: Side) -> Question:
        """Ask the engine for a reply to all ids that the role has seen."""
        messages = side.session.messages()
        request = side.make_request(messages, self._see(side, messages))
        return Question(self.backend, request, lambda reply: self._say(side, reply))

    def repeat(self, side: Side, turn: Turn) -> None:
        """Make an earlier reply as it was sampled then."""
        self._see(side, side.session.messages())
        self._say(side, Reply(turn.token_ids, turn.logprobs))

    def _see(self, side: Side, messages: Sequence[Message]) -> list[int]:
        """List all ids that the role sees now; those of an aside are not kept."""
        stream, has_begun = side.stream, bool(side.stream.ids)
        if has_begun:
            new = self.chat.extend(messages[-1]["content"])
        else:
            new = self.chat.encode_prompt(messages)
        if side.session.master.kind is Kind.ASIDE:
            return stream.ids + new
        stream.see(new)
        if not has_begun:
            stream.prompt_length = len(new)
        return list(stream.ids)

    def _say(self, side: Side, reply: Reply) -> None:
        """Give a reply to the session; keep its ids, unless it is an aside."""
        if side.session.master.kind is not Kind.ASIDE:
            side.stream.say(reply)
            if not reply.ids or reply.ids[-1] != self.chat.end_of_turn:
                side.stream.see([self.chat.end_of_turn])
        side.session.reply(self.chat.decode(reply.ids), reply.ids, reply.logprobs)


MakeSeat = Callable[[Instance, str, int], Seat]
"""(instance, role, seed) -> a player's seat in one episode."""


def seat_for(
    player: Player,
    policy_id: str,
    compute: Compute,
    endpoints: Mapping[str, Endpoint],
    *,
    temperature: float,
) -> MakeSeat:
    """Load what a player needs; return what makes its seats.

    Args:
        player: an expert, a policy or an endpoint, as params.yaml describes it.
        policy_id: the policy that plays where the player's kind is policy.
        compute: how that policy runs.
        endpoints: those of params.yaml, by name.
        temperature: of that policy; an endpoint has its own, an expert has none.

    Raises:
        ArtifactError: the policy is missing or damaged, or its model has what the
            engine does not compute.
        ParamsError: `compute` asks for what is not here, a GPU or vLLM.
    """
    if player.kind == "expert":
        skill = player.skill

        def seat_expert(instance: Instance, role: str, seed: int) -> Seat:
            game = GAMES[instance.game]
            return ExpertSeat(game.expert(instance, role, skill, random.Random(seed)))

        return seat_expert
    seat: Seat
    if player.kind == "policy":
        seat = load_seat(locate_policy(policy_id), compute, temperature=temperature)
    else:
        name = player.endpoint
        seat = EndpointSeat(EndpointBackend(name, endpoints[name]))
    return lambda instance, role, seed: seat


def load_seat(folder: Path, compute: Compute, *, temperature: float) -> PolicySeat:
    """Load a policy that only plays, by the engine that `compute.engine` names.

    Raises:
        ArtifactError, ParamsError: as `seat_for`.
    """
    if compute.engine == "vllm":
        chat = load_chat(folder)
        whole, *adapters = follow_chain(folder)
        backend = VllmBackend(
            whole,
            chat.ends,
            temperature=temperature,
            dtype=compute.dtype,
            device=compute.device,
            max_adapter_rank=measure_rank(adapters),
        )
        if adapters:
            backend.use_adapter(stack_in_scratch(adapters))
        return PolicySeat(backend, chat)
    policy = load_policy(folder, compute)
    check_engine(policy, str(folder))
    engine = choose_engine(policy.model, policy.chat.ends, temperature=temperature)
    return PolicySeat(engine, policy.chat)
