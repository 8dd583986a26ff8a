"""The transformers backend: every session in flight, one forward pass a step.

A step gives each session in flight its next id, and each new request a part of its
prompt; a reply that ends leaves at once, and its session's cache waits for the next
turn. What the first session with the same start holds is not computed again
(`stages.engines.local.prefixes`). A reply is drawn by inverting the distribution at one
uniform number an id, from the reply's own seed: it depends on its batch by no more than
rounding.
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
from stages.engines.local.adapters import using
from stages.engines.local.banks import Banks
from stages.engines.local.cache import SessionCache
from stages.engines.local.drawing import draw_next
from stages.engines.local.linear import PackedLinears
from stages.engines.local.packed import Part, forward
from stages.engines.local.prefixes import BLOCK, Prefixes, block_keys, shared_length
from stages.engines.shape import read_context

_STEP_TOKENS = 2048
"""Most ids that go through the model in one step; longer prompts take several."""
_MOST_ACTIVE = 1024


@dataclass
class _Row:
    """A request in flight."""

    request: Request
    max_new_tokens: int
    uniforms: np.ndarray
    keys: list[int]
    """Of the request's blocks."""
    cache: SessionCache | None = None
    pending: list[int] = field(default_factory=list)
    """Ids that the model has not seen yet; the last one is what to go on from."""
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)

    @property
    def seated(self) -> SessionCache:
        """The cache of a row in flight, which has one."""
        assert self.cache is not None, "a row is in flight once it has a cache"
        return self.cache

    @property
    def decodes(self) -> bool:
        """Whether the model has seen all but the id that was drawn last."""
        return bool(self.ids) and len(self.pending) == 1


class Engine:
    """Samples replies from one transformers model; a `stages.engines.backend`."""

    def __init__(
        self,
        model: PreTrainedModel | PeftModel,
        ends: Ends,
        *,
        temperature: float,
        adapter: str | None = None,
    ) -> None:
        """Take a causal model, and what ends a reply; temperature 0 is greedy.

        Its weights may be trained between two replies, if `reset` is called then. Of a
        model with adapters, `adapter` names the policy that plays (see
        `stages.engines.local.adapters`): engines with different ones may share it.
        """
        self._model, self._ends = model, collect_ends(ends)
        self._temperature, self._adapter = temperature, adapter
        self._context = read_context(model.config)
        self._sessions: dict[Hashable, SessionCache] = {}
        self._prefixes, self._banks = Prefixes(), Banks()
        self._linears: PackedLinears | None = None
        self._waiting: deque[_Row] = deque()
        self._active: list[_Row] = []
        self._most_active = _MOST_ACTIVE  # fewer once memory ran out
        self.tokens = TokenCounts()

    @property
    def ready(self) -> bool:
        """Whether `collect` would go on without waiting for somebody else."""
        return bool(self._waiting or self._active)

    def submit(self, request: Request) -> None:
        """Take a request; one without room left in the context gets an empty reply."""
        room = self._context - len(request.ids)
        limit = max(0, min(request.max_new_tokens, room))
        uniforms = np.random.default_rng(request.seed).random(limit)
        row = _Row(request, limit, uniforms, block_keys(request.ids))
        self._waiting.append(row)

    def collect(self) -> list[tuple[Hashable, Reply]]:
        """Decode until at least one reply has ended; return all that have.

        Raises:
            StudyError: memory does not suffice for a single session.
        """
        start = time.perf_counter()
        ended: list[_Row] = []
        with using(self._model, self._adapter):
            while self.ready and not ended:
                ended = self._step()
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
        """Drop the cache of a session that has ended."""
        cache = self._sessions.pop(session, None)
        if cache is not None:
            self._prefixes.retire(cache)

    def reset(self) -> None:
        """Drop all caches: what follows does not depend on what was played before."""
        self._sessions, self._prefixes = {}, Prefixes()
        self._banks.clear()
        self._linears = None  # the weights may be others now
        self._most_active = _MOST_ACTIVE

    # --- one step ---------------------------------------------------------------
    def _step(self) -> list[_Row]:
        """Take one step with all rows that fit; return those whose reply has ended."""
        without_room = [row for row in self._waiting if not row.max_new_tokens]
        if without_room:
            self._waiting = deque(row for row in self._waiting if row.max_new_tokens)
            return without_room
        try:
            self._banks.update([row.seated for row in self._active if row.decodes])
            self._admit()
            return self._advance()
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            self._retreat()
            return []

    def _advance(self) -> list[_Row]:
        """Run the model on last ids and parts of prompts; draw where all is seen."""
        by_cache = {id(row.cache): row for row in self._active}
        drawing = [by_cache[id(cache)] for b in self._banks for cache in b.caches]
        last_ids = [row.pending[0] for row in drawing]
        decoding = set(map(id, drawing))
        room, parts, rows = _STEP_TOKENS - len(drawing), [], []
        for row in self._active:
            if id(row) not in decoding and room > 0:
                ids = row.pending[:room]
                rows.append(row)
                parts.append(Part(row.seated, ids, len(ids) == len(row.pending)))
                room -= len(ids)
        if self._linears is None:
            self._linears = PackedLinears(self._model)
        with self._linears.used():
            logits = forward(self._model, self._banks, last_ids, parts)
        for row, part in zip(rows, parts, strict=True):
            row.pending = row.pending[len(part.ids) :]
            if not row.pending:
                self._prefixes.add(row.seated, row.keys)
        drawing += [row for row in rows if not row.pending]
        self._draw_next(drawing, logits)
        ended = [row for row in drawing if self._has_ended(row)]
        if ended:
            leaving = set(map(id, ended))
            self._active = [row for row in self._active if id(row) not in leaving]
        return ended

    def _has_ended(self, row: _Row) -> bool:
        return row.ids[-1] in self._ends or len(row.ids) == row.max_new_tokens

    def _retreat(self) -> None:
        """Free all memory, and begin all replies again where they were, half at a time.

        Raises:
            StudyError: nothing is left to be freed.
        """
        others = len(self._sessions) > 1 or self._prefixes.retired
        if self._most_active == 1 and not others:
            raise StudyError(
                "memory does not suffice for a single session: lower "
                "max_position_embeddings, or take a smaller model or dtype"
            )
        half = max(1, len(self._active) // 2)
        for row in reversed(self._active):
            row.cache, row.pending = None, []
            self._waiting.appendleft(row)
        self._active = []
        self.reset()
        self._most_active = half

    # --- prompts ----------------------------------------------------------------
    def _admit(self) -> None:
        """Put waiting requests in flight.

        One whose start another is about to compute waits for that.
        """
        coming = {
            key
            for row in self._active
            if len(row.pending) > 1
            for key in row.keys
            if not self._prefixes.holds(key)
        }
        for _ in range(len(self._waiting)):  # once around
            full = len(self._active) >= self._most_active
            if full or not self._seat(self._waiting[0], coming):
                self._waiting.rotate(-1)
            else:
                self._waiting.popleft()

    def _seat(self, row: _Row, coming: set[int]) -> bool:
        """Give a row its cache and what is still to be computed; False: not yet."""
        request, wanted = row.request, row.request.ids + row.ids
        cache = self._sessions.get(request.session)
        own = shared_length(cache.ids, wanted) if cache is not None else 0
        other, shared = self._prefixes.find(wanted, row.keys)
        shared = min(max(shared, own), len(wanted) - 1)
        following = shared // BLOCK
        if following < len(row.keys) and row.keys[following] in coming:
            return False
        if cache is None or shared > own:
            if cache is not None:
                self._prefixes.drop(cache)
            cache = self._new_cache(other, shared)
            self._sessions[request.session] = cache
        elif shared < len(cache.ids):
            self._prefixes.drop(cache)
            cache.crop(shared)
        row.cache, row.pending = cache, wanted[shared:]
        coming.update(key for key in row.keys if not self._prefixes.holds(key))
        self._active.append(row)
        if not row.ids:
            self.tokens.prompt += len(wanted)
            self.tokens.cached += shared
        return True

    def _new_cache(self, other: SessionCache | None, shared: int) -> SessionCache:
        model = self._model
        cache = SessionCache(model.config, model.dtype, model.device)
        if other is not None:
            cache.take(other, shared)
        return cache

    # --- drawing ----------------------------------------------------------------
    def _draw_next(self, rows: list[_Row], logits: torch.Tensor) -> None:
        """Draw one id for each row, from logits (R, V)."""
        if not rows:
            return
        points = torch.tensor([row.uniforms[len(row.ids)] for row in rows])
        tokens, drawn = draw_next(logits, points, self._temperature)
        for row, token, logprob in zip(
            rows, tokens.tolist(), drawn.tolist(), strict=True
        ):
            row.ids.append(token)
            row.logprobs.append(logprob)
            row.pending = [token]


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return "allocate memory" in str(error) or "not enough memory" in str(error)
