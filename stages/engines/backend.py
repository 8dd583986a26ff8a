"""What a policy is played by: one small interface, in token space.

A session is one role's side of one episode. It grows: each request holds all its ids so
far, and a backend that keeps caches computes only what is new. Backends: a transformers
model (`stages.engines.local.engine`), vLLM, any OpenAI-compatible endpoint.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

from games.contract import Message

Ends = int | Collection[int]
"""The ids that a reply may end with, one or several."""


def collect_ends(ends: Ends) -> frozenset[int]:
    """Make a set of the ids that end a reply."""
    return frozenset([ends] if isinstance(ends, int) else ends)


@dataclass(frozen=True)
class Request:
    """One reply to sample."""

    session: Hashable
    """Names the cache; a session's ids usually grow, and may part from what they were
    (an aside, a branch): what they still share is not computed again."""
    ids: list[int]
    """All ids so far, the reply's header included; empty for a backend of texts."""
    seed: int
    max_new_tokens: int
    messages: Sequence[Message] = ()
    """The same chat as messages, for a backend of texts."""


@dataclass(frozen=True)
class Reply:
    """One sampled reply."""

    ids: list[int]
    """With the id that ended it, unless it was cut off; empty from an endpoint."""
    logprobs: list[float]
    """The log-probability of each id at temperature 1; empty from an endpoint."""
    text: str | None = None
    """From a backend of texts; None where the ids say it."""


@dataclass
class TokenCounts:
    """What a backend computed so far: the cost of playing."""

    prompt: int = 0
    """Of all requests, whether computed or cached."""
    cached: int = 0
    """Prompt tokens that were not computed again."""
    sampled: int = 0
    seconds: float = 0.0
    """Spent in the backend."""


class Backend(Protocol):
    """Samples replies, many at a time."""

    tokens: TokenCounts

    @property
    def ready(self) -> bool:
        """Whether `collect` would go on without waiting for somebody else."""

    def submit(self, request: Request) -> None:
        """Take a request; it is answered by a later `collect`."""

    def collect(self) -> list[tuple[Hashable, Reply]]:
        """Wait until at least one reply has ended; return (session, reply) of all such.

        Returns [] only if nothing was submitted. Raises `games.errors.StudyError` if
        the backend cannot go on.
        """

    def forget(self, session: Hashable) -> None:
        """Drop what is kept of a session that has ended."""

    def reset(self) -> None:
        """Drop what is kept of all sessions: what follows does not depend on them."""
