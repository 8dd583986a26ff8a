"""One role's side of one episode: what it sees, and the ids of what it saw and said."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from games.contract import Message
from games.session import Session
from stages.common.seeds import derive_seed
from stages.engines.backend import Reply, Request


@dataclass
class Stream:
    """All that a policy has seen and said in one role, in ids as they were sampled."""

    ids: list[int] = field(default_factory=list)
    mask: list[int] = field(default_factory=list)
    """1 on sampled ids, 0 on everything else."""
    logprobs: list[float] = field(default_factory=list)
    """Of sampled ids; 0.0 elsewhere."""
    starts: list[int] = field(default_factory=list)
    """Where each reply begins."""
    prompt_length: int = 0
    """How many ids came before the first reply."""

    def see(self, ids: list[int]) -> None:
        """Append ids that were not sampled."""
        self.ids += ids
        self.mask += [0] * len(ids)
        self.logprobs += [0.0] * len(ids)

    def say(self, reply: Reply) -> None:
        """Append a reply as it was sampled."""
        self.starts.append(len(self.ids))
        self.ids += reply.ids
        self.mask += [1] * len(reply.ids)
        self.logprobs += reply.logprobs


@dataclass
class Side:
    """One role's side of one episode in flight; its seat reads it and writes to it."""

    session: Session
    role: str
    max_reply_tokens: int
    stream: Stream = field(default_factory=Stream)
    """Has no ids before a policy has played the role, or where none does."""

    @property
    def key(self) -> Hashable:
        """What a backend keeps this side's cache under."""
        return id(self.session), self.role

    def make_request(self, messages: Sequence[Message], ids: list[int]) -> Request:
        """Make the request for the role's next reply to a chat, or to its ids.

        Its seed depends on the episode, the role and the turn, and on nothing else.
        """
        seed = derive_seed(self.session.seed, self.role, len(self.session.turns))
        return Request(self.key, ids, seed, self.max_reply_tokens, messages)
