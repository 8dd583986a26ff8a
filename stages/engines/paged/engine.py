"""The transformers backend on a GPU: all that decodes in one CUDA graph.

Replies are those of `stages.engines.local.engine`, which is made for a CPU: the same
ids from the same seeds, up to rounding. The host looks every few steps: it takes the
replies that have ended, seats who waits, sends off the next steps, and returns; so a
caller plays on while the GPU decodes for the others.
"""

import time
from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from peft import PeftModel
from transformers import PreTrainedModel

from games.errors import StudyError
from stages.engines.backend import Ends, Reply, Request, TokenCounts, collect_ends
from stages.engines.local.prefixes import block_keys
from stages.engines.paged.drawn import Drawn
from stages.engines.paged.pages import PAGE, Pages
from stages.engines.paged.steps import AT_ONCE, MOST_ROWS, Rows, Steps
from stages.engines.paged.tiles import Part
from stages.engines.shape import count_layers, read_context, read_heads

_MOST_POSITIONS = 2**18
_MOST_ON_A_CPU = 2**14
_READ_TOGETHER = 32
"""Prompts that go to the GPU while the host still makes others."""


@dataclass
class _Row:
    """A request, in flight once it has a seat."""

    request: Request
    most: int
    """Ids that may be drawn."""
    points: np.ndarray
    seat: int = -1
    pages: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The id to go on from."""
        return self.ids[-1] if self.ids else self.request.ids[-1]

    @property
    def length(self) -> int:
        """Count the ids of prompt and reply."""
        return len(self.request.ids) + len(self.ids)

    @property
    def left(self) -> int:
        """Count the ids that may still be drawn."""
        return self.most - len(self.ids)


class PagedEngine:
    """Samples replies from one transformers model; a `stages.engines.backend`."""

    def __init__(
        self,
        model: PreTrainedModel | PeftModel,
        ends: Ends,
        *,
        temperature: float,
        adapter: str | None = None,
        positions: int,
    ) -> None:
        """Take a causal model, and what ends a reply; temperature 0 is greedy.

        Its weights may be trained in place between two replies, if `reset` is called
        then. Of a model with adapters, `adapter` names the policy that plays (see
        `stages.engines.local.adapters`): engines with different ones may share it.
        Keys and values of so many `positions` are kept (see `count_positions`).
        """
        num = positions // PAGE
        self._ends = collect_ends(ends)
        self._context = read_context(model.config)
        self._pages = Pages(num)
        self._steps = Steps(model, adapter, self._ends, temperature, num)
        self._seats = list(reversed(range(MOST_ROWS)))
        self._waiting: deque[_Row] = deque()
        self._seated: list[_Row] = []
        self._active: list[_Row] = []
        self._in_flight: Drawn | None = None
        self.tokens = TokenCounts()

    @property
    def ready(self) -> bool:
        """Whether `collect` would go on without waiting for somebody else."""
        return bool(self._waiting or self._seated or self._active)

    def submit(self, request: Request) -> None:
        """Take a request; one without room left in the context gets an empty reply."""
        room = self._context - len(request.ids)
        most = max(0, min(request.max_new_tokens, room))
        points = np.random.default_rng(request.seed).random(most)
        self._waiting.append(_Row(request, most, points))
        if len(self._waiting) >= _READ_TOGETHER:
            self._seat_waiting()

    def collect(self) -> list[tuple[Hashable, Reply]]:
        """Decode until at least one reply has ended; return all that have.

        Raises:
            StudyError: memory does not suffice for a single session.
        """
        start = time.perf_counter()
        ended = self._take_roomless()
        while self.ready and not ended:
            ended = self._finish()
            self._seat_waiting()
            self._send_off()
        self.tokens.seconds += time.perf_counter() - start
        self.tokens.sampled += sum(len(row.ids) for row in ended)
        return [(row.request.session, Reply(row.ids, row.logprobs)) for row in ended]

    def sample(self, requests: Sequence[Request]) -> list[Reply]:
        """Answer some requests of different sessions, in their order."""
        for request in requests:
            self.submit(request)
        replies: dict[Hashable, Reply] = {}
        while self.ready:
            replies |= self.collect()
        return [replies[request.session] for request in requests]

    def forget(self, session: Hashable) -> None:
        """Do nothing: the oldest pages go by themselves."""

    def reset(self) -> None:
        """Drop all that is cached: what follows does not depend on it."""
        self._pages.forget()
        self._steps.check_weights()

    def _take_roomless(self) -> list[_Row]:
        """Take back those who wait and have no room for a reply."""
        ended = [row for row in self._waiting if not row.most]
        if ended:
            self._waiting = deque(row for row in self._waiting if row.most)
        return ended

    # --- between steps ----------------------------------------------------------
    def _seat_waiting(self) -> None:
        """Seat those who wait, in their order, while there is room; read prompts."""
        seated, parts = [], []
        while self._waiting and self._seats:
            row = self._waiting[0]
            if not row.most:
                break
            prompt = row.request.ids
            keys = block_keys(prompt[:-1])  # the last id is decoded from
            held = self._pages.find(keys)
            wanted = -(-(len(prompt) + row.most) // PAGE)
            pages = self._pages.take(held, wanted - len(held))
            if pages is None:
                break
            self._waiting.popleft()
            row.pages, row.seat = pages, self._seats.pop()
            self._pages.name(pages, keys)  # those who follow are computed later
            start = len(held) * PAGE
            new = prompt[start:-1]
            parts.append(Part(row.seat, start, new, np.array(pages)))
            seated.append(row)
            self.tokens.prompt += len(prompt)
            self.tokens.cached += start
        if seated:
            self._steps.seat([r.seat for r in seated], [r.pages for r in seated])
            self._steps.prefill(parts)
            self._seated += seated

    def _send_off(self) -> None:
        """Let all rows decode some steps, without waiting for them.

        Raises:
            StudyError: one waits, and nobody is there to make room.
        """
        self._active += self._seated
        self._seated = []
        if not self._active:
            if self._waiting:
                raise StudyError(
                    "memory does not suffice for a single session: lower "
                    "max_position_embeddings, or take a smaller model or dtype"
                )
            return
        num = min(AT_ONCE, max(row.left for row in self._active))
        points = np.zeros((num, len(self._active)))
        for place, row in enumerate(self._active):
            own = row.points[len(row.ids) : len(row.ids) + num]
            points[: len(own), place] = own
        state = [(r.seat, r.last, r.length - 1, r.left) for r in self._active]
        seats, last, positions, left = np.array(state).T
        rows = Rows(seats, last, positions, left, points)
        self._in_flight = self._steps.decode(rows)

    def _finish(self) -> list[_Row]:
        """Wait for the steps sent off, if any; return the rows that have ended."""
        if self._in_flight is None:
            return []
        said, logprobs = self._in_flight.wait()
        self._in_flight = None
        ended = []
        for row, ids, own in zip(
            self._active, said.T.tolist(), logprobs.T.tolist(), strict=True
        ):
            num = min(len(ids), row.left)
            ended_at = (n for n, one in enumerate(ids[:num]) if one in self._ends)
            num = next(ended_at, num - 1) + 1
            row.ids += ids[:num]
            row.logprobs += own[:num]
            if row.ids[-1] in self._ends or not row.left:
                ended.append(row)
        for row in ended:
            self._leave(row)
        if ended:
            self._active = [row for row in self._active if row.seat >= 0]
        return ended

    def _leave(self, row: _Row) -> None:
        """Free a row's seat; what its pages hold can be found by others."""
        self._pages.name(row.pages, block_keys((row.request.ids + row.ids)[:-1]))
        self._pages.give_back(row.pages)
        self._seats.append(row.seat)
        row.seat = -1


def count_positions(model: PreTrainedModel | PeftModel, share: float) -> int:
    """Count the positions that a share of the free memory has room for."""
    if model.device.type == "cpu":
        return _MOST_ON_A_CPU
    heads, dim = read_heads(model.config)
    each = 2 * count_layers(model.config) * heads * dim * model.dtype.itemsize
    torch.cuda.empty_cache()  # what an engine before this one has left
    free, _ = torch.cuda.mem_get_info(model.device)
    return min(_MOST_POSITIONS, int(free * share) // each)
