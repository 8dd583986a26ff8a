"""What a game is: data first, then rules behind a game master with few verbs.

A game is a `Game`: its `GameSpec` (data), a `GameMaster` class (referee of one
episode), a seeded instance generator and a scripted expert for every role.
Nothing here plays or learns; the loop over one episode is in `games.session`.
"""

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from games.bridge import NO_BRIDGE, Bridge
from games.errors import InstanceError
from games.events import Ended, Event, Outcome

V2, V3 = "v2", "v3"
"""Clembench's rules of July 2025, and of April 2026."""

Message = dict[str, str]
"""One chat message: {"role": "user" | "assistant", "content": text}."""

Noticed = TypeVar("Noticed", bound=Event)

Player = Callable[[list[Message]], str]
"""Whatever fills a role: its own chat history, ending in a user message -> reply."""


FieldType = type | tuple[type, ...]
"""What a field of an instance's data may be, as `isinstance` takes it."""


def is_of(value: object, kind: FieldType) -> bool:
    """Tell whether a value is of a kind; true and false are no numbers."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)


class Kind(StrEnum):
    """What a turn leaves in the chat of its role."""

    SAID = "said"
    """Question and reply stay in the chat: the usual turn."""
    ASIDE = "aside"
    """The reply counts, but neither it nor its question stays in the chat."""
    GIVEN = "given"
    """Put into the chat at the start, as if said; nobody played or learns it."""


@dataclass(frozen=True)
class GameSpec:
    """A game as data."""

    name: str
    version: int
    """Bumped only when behaviour changes."""
    roles: tuple[str, ...]
    """In the order in which they first move; every role is filled by a player."""
    max_turns: int
    """Most replies, of all roles together, that an episode can take."""
    variants: tuple[str, ...]
    """Named settings that instances share (clembench: experiments)."""
    max_reply_tokens: int
    """Enough for any well-formed reply; the engine cuts a reply off here."""
    fields: Mapping[str, FieldType]
    """What an instance's data must hold, and of which type."""
    options: Mapping[str, FieldType] = field(default_factory=dict)
    """What else of its data the game reads, if it is there: clembench's prompts."""
    rules: tuple[str, ...] = (V2, V3)
    """Versions of clembench's rules that it can be played by, the default first."""
    deck: tuple[str, ...] = ()
    """The order in which variants are dealt to a split, over and over, one that has an
    answer of its own as often as all others; empty: each variant once."""


@dataclass(frozen=True)
class Instance:
    """One fully specified starting point of a game."""

    game: str
    variant: str
    instance_id: str
    """Unique within game and split, e.g. "high-0007"."""
    data: dict[str, Any]
    """JSON-able; see the game's `spec.fields`."""


class GameMaster(ABC):
    """Referee of one episode: prompts, parses, judges, ends and scores.

    Built for one instance, used for one episode and discarded. `copy.deepcopy` of a
    master goes on independently. `step` never raises on any text whatsoever, and emits
    one `Verdict` on each.

    An instance whose data has "rules" is played by that version of the rules.

    Raises:
        InstanceError: the instance lacks a field of `spec.fields`, has one of these or
            of `spec.options` of a wrong type, or asks for rules that the game does not
            have.
    """

    spec: ClassVar[GameSpec]

    def __init__(self, instance: Instance) -> None:
        for name in self.spec.fields:
            if name not in instance.data:
                raise InstanceError(
                    f"{self.spec.name} instance {instance.instance_id} has no field "
                    f"'{name}': regenerate the instances or mend the file"
                )
        for name, kind in (*self.spec.fields.items(), *self.spec.options.items()):
            if name in instance.data and not is_of(instance.data[name], kind):
                raise InstanceError(
                    f"{self.spec.name} instance {instance.instance_id}: field '{name}' "
                    f"is a {type(instance.data[name]).__name__}, which it must not be: "
                    "mend the file"
                )
        self.rules: str = instance.data.get("rules", self.spec.rules[0])
        """The version of clembench's rules that this episode is played by."""
        if self.rules not in self.spec.rules:
            raise InstanceError(
                f"{self.spec.name} has rules {', '.join(self.spec.rules)}, not "
                f"{self.rules}: see instances.rules in params.yaml"
            )
        self.instance = instance
        self.round = 0
        """Clembench's round, from 0; the game says when one is over."""
        self.events: list[tuple[int, Event]] = []
        """What the referee noticed so far, each with the round that it was in."""
        self.role: str | None = self.spec.roles[0]
        """Who has to reply; None once the episode has ended."""
        self.outcome: Outcome | None = None
        self.reason = ""
        """Why it ended, in the game's own words: "solved", "format", "turn limit"."""
        self.ended_by: str | None = None
        """The role whose reply ended the episode."""

    @abstractmethod
    def observe(self) -> str:
        """Show the user message for `role`: all said since its last reply."""

    @abstractmethod
    def step(self, reply: str) -> None:
        """Judge the reply of `role`, and move on or end the episode."""

    @property
    @abstractmethod
    def main_score(self) -> float:
        """Clembench's Main Score: 0..100; NaN when aborted (spec of each game)."""

    @property
    def mover(self) -> str:
        """The role that has to reply; to be asked only before the episode has ended."""
        assert self.role is not None, "the episode has ended: nobody has to reply"
        return self.role

    @property
    def keeps_space(self) -> bool:
        """Whether white space around a reply is part of it, as from v3 on."""
        return self.rules == V3

    @property
    def kind(self) -> Kind:
        """What the turn that `role` is to take now leaves in its chat."""
        return Kind.SAID

    def list_opening(self, role: str) -> list[tuple[str, str]]:
        """List (question, reply) pairs that are in a role's chat from the start."""
        return []

    def emit(self, event: Event) -> None:
        """Keep what the referee noticed."""
        self.events.append((self.round, event))

    def list_events(self, kind: type[Noticed]) -> list[Noticed]:
        """List the events of a kind so far, in order."""
        return [event for _, event in self.events if isinstance(event, kind)]

    def end(self, outcome: Outcome, reason: str) -> None:
        """End the episode with the current role's reply."""
        self.emit(Ended(outcome, reason))
        self.outcome, self.reason = outcome, reason
        self.ended_by, self.role = self.role, None

    def abort(self, reason: str = "format") -> None:
        """End the episode as aborted: format or protocol violated."""
        self.end(Outcome.ABORTED, reason)

    @property
    def is_aborted(self) -> bool:
        """Whether the episode ended in a format or protocol violation."""
        return self.outcome is Outcome.ABORTED

    def score_or_nan(self, score: float) -> float:
        """Return `score`, or NaN for an aborted episode."""
        return math.nan if self.is_aborted else float(score)


Generate = Callable[[str, str, int, random.Random], list[dict[str, Any]]]
"""(variant, split, num, rng) -> the data of `num` instances, distinct by target."""

Expert = Callable[[Instance, str, float, random.Random], Player]
"""(instance, role, skill in 0..1, rng) -> a scripted player of that role."""


Blind = Callable[[Instance, str, Sequence[Message]], Sequence[str]]
"""(instance, role, chat) -> well-formed replies to the chat, in a fixed order, of which
one who knows nothing may give any; from the instance only what the role is shown."""

Secrets = Callable[[Instance, str], list[str]]
"""(instance, role) -> texts that must not stand in what the role sees first."""


def hide_nothing(instance: Instance, role: str) -> list[str]:
    """List no text: the game hides nothing from a role, or nothing in words."""
    return []


Answer = Callable[[Instance], str]
"""instance -> the one of few possible answers that is right."""


def name_no_answer(instance: Instance) -> str:
    """Name no answer: the game has none that could be guessed out of a few."""
    return ""


Balance = Callable[[list[Instance], random.Random], list[Instance]]
"""(instances of a split, rng) -> the same, with every answer equally often right."""


def leave_all(instances: list[Instance], rng: random.Random) -> list[Instance]:
    """Leave all instances as they are: no answer is right more often than others."""
    return instances


@dataclass(frozen=True)
class Game:
    """All that the study needs to know of one game."""

    spec: GameSpec
    master: type[GameMaster]
    generate: Generate
    """Splits (train, validation, test) never share a target."""
    expert: Expert
    """Plays from what it sees plus fixed general knowledge (a lexicon), and from the
    instance only what its role is shown; always in the game's format. At skill 1 a pair
    of experts nearly always wins, at 0 it nearly never does."""
    target: Callable[[Instance], str]
    """What must not be shared between train and test: the word, the grid."""
    secrets: Secrets = hide_nothing
    """What a role must not be told by its first message; checked by conformance."""
    blind: Blind = field(kw_only=True)
    """What can be said by a player who knows nothing; `games.kit.blind` chooses."""
    bridge: Bridge[Any] = NO_BRIDGE
    """How clembench's files tell of it; nothing else needs it."""
    answer: Answer = name_no_answer
    """What a player could say without having seen anything, and be right."""
    balance: Balance = leave_all
    """Makes every answer equally often right in a split; checked by conformance."""
