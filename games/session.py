"""One episode in progress: the game master, every role's chat, the turns so far.

The same session serves a test with scripted players (`play_episode`) and a thousand
sessions in a batch (`stages.selfplay`): ask `role` and `messages()`, give a `reply`.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from games.contract import Game, Instance, Kind, Message, Outcome, Player


@dataclass
class Turn:
    """One reply of one player."""

    role: str
    context: str
    """The user message the role saw: all since its last reply."""
    reply: str
    """What it replied; stripped, where the rules forgive white space around it."""
    token_ids: list[int] = field(default_factory=list)
    """The sampled ids, end-of-turn included; empty for scripted players."""
    logprobs: list[float] = field(default_factory=list)
    """Log-probability of each of `token_ids` when it was sampled."""
    kind: str = Kind.SAID
    """What it left in the role's chat: said, aside or given."""


@dataclass
class Episode:
    """One instance played to its end."""

    game: str
    variant: str
    instance_id: str
    players: dict[str, str]
    """The name of the player in each role."""
    sample: int
    """Which repetition of the same instance and players."""
    seed: int
    outcome: str
    reason: str
    ended_by: str
    main_score: float
    """0..100; NaN when aborted."""
    turns: list[Turn]
    branch: int = -1
    """Where it branches off another episode: index of its own first turn; or -1."""


class Session:
    """An episode in progress."""

    def __init__(
        self,
        game: Game,
        instance: Instance,
        players: Mapping[str, str],
        *,
        sample: int = 0,
        seed: int = 0,
        branch: int = -1,
    ) -> None:
        self.instance = instance
        self.players = dict(players)
        self.sample, self.seed, self.branch = sample, seed, branch
        self.master = game.master(instance)
        self.turns: list[Turn] = []
        self._chats: dict[str, list[Message]] = {role: [] for role in game.spec.roles}
        for role in game.spec.roles:
            for question, reply in self.master.list_opening(role):
                self.turns.append(Turn(role, question, reply, kind=Kind.GIVEN))
                self._chats[role] += _write_exchange(question, reply)

    @property
    def role(self) -> str | None:
        """Who has to reply; None once the episode has ended."""
        return self.master.role

    def messages(self) -> list[Message]:
        """Return the chat of the role to move, ending in what it sees now."""
        return [
            *self._chats[self.master.mover],
            {"role": "user", "content": self.master.observe()},
        ]

    def reply(
        self, text: str, token_ids: Sequence[int] = (), logprobs: Sequence[float] = ()
    ) -> None:
        """Take the reply of the role to move, and let the master judge it."""
        role, context = self.master.mover, self.master.observe()
        kind = self.master.kind
        if not self.master.keeps_space:
            text = text.strip()
        if kind is Kind.SAID:
            self._chats[role] += _write_exchange(context, text)
        self.turns.append(
            Turn(role, context, text, list(token_ids), list(logprobs), kind)
        )
        self.master.step(text)

    def episode(self) -> Episode:
        """Return the finished episode."""
        assert self.master.ended_by is not None, "the episode has not ended"
        return Episode(
            game=self.instance.game,
            variant=self.instance.variant,
            instance_id=self.instance.instance_id,
            players=self.players,
            sample=self.sample,
            seed=self.seed,
            outcome=str(self.master.outcome),
            reason=self.master.reason,
            ended_by=self.master.ended_by,
            main_score=self.master.main_score,
            turns=self.turns,
            branch=self.branch,
        )


def _write_exchange(question: str, reply: str) -> list[Message]:
    return [
        {"role": "user", "content": question},
        {"role": "assistant", "content": reply},
    ]


def play_episode(
    game: Game, instance: Instance, players: Mapping[str, Player], *, seed: int = 0
) -> Episode:
    """Play one instance to its end with one player a role."""
    session = Session(game, instance, {role: "scripted" for role in players}, seed=seed)
    while session.role is not None:
        session.reply(players[session.role](session.messages()))
    return session.episode()


def expert_pair(
    game: Game, instance: Instance, skill: float, seed: int | str
) -> dict[str, Player]:
    """Return a scripted expert for every role of the game."""
    return {
        role: game.expert(instance, role, skill, random.Random(f"{seed}/{role}"))
        for role in game.spec.roles
    }


__all__ = ["Episode", "Outcome", "Session", "Turn", "expert_pair", "play_episode"]
