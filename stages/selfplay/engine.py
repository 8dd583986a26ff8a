"""Sampling in token space: sessions that grow, prefilled once, decoded in one batch.

A request names its session; what the session's cache already holds is not computed
again, what several fresh requests share is prefilled once, and equal prompts (a GRPO
group) are prefilled as one. A reply is drawn by inverting the distribution at one
uniform number a token, from the reply's own seed: it does not depend on the batch.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedModel

from stages.selfplay.cache import BatchCache, KeyValues

_MIN_SHARED_PREFIX = 8


@dataclass(frozen=True)
class Request:
    """One reply to sample."""

    session: Hashable
    """Names the cache; a session's ids only ever grow."""
    ids: list[int]
    """All ids so far, the reply's header included."""
    seed: int


@dataclass(frozen=True)
class Reply:
    """One sampled reply."""

    ids: list[int]
    """The end of turn included, unless the reply was cut off."""
    logprobs: list[float]
    """Of each id under the model at temperature 1."""


@dataclass
class TokenCounts:
    """What the engine computed so far."""

    prompt: int = 0
    cached: int = 0
    """Prompt tokens that were not computed again."""
    sampled: int = 0


@dataclass
class _Row:
    """A request in the batch."""

    request: Request
    cache: KeyValues | None
    new: list[int]
    """The ids after `cache`, at least one."""


class Engine:
    """Samples replies from one transformers model."""

    def __init__(
        self, model: PreTrainedModel, end_of_turn: int, *, temperature: float
    ) -> None:
        """Take a causal model; temperature 0 is greedy."""
        self._model, self._end = model, end_of_turn
        self._temperature = temperature
        self._config = model.config
        self._context = self._config.max_position_embeddings
        self._sessions: dict[Hashable, tuple[list[int], KeyValues]] = {}
        self.tokens = TokenCounts()

    def forget(self, session: Hashable) -> None:
        """Drop the cache of a session that has ended."""
        self._sessions.pop(session, None)

    @torch.no_grad()
    def sample(self, requests: Sequence[Request], max_new_tokens: int) -> list[Reply]:
        """Sample one reply for each request, of at most `max_new_tokens`.

        A request without room left in the model's context gets an empty reply, which
        its game judges like any other.
        """
        fits = [len(r.ids) + max_new_tokens <= self._context for r in requests]
        todo = [r for r, fit in zip(requests, fits, strict=True) if fit]
        replies = iter(self._decode(self._rows(todo), max_new_tokens) if todo else [])
        return [next(replies) if fit else Reply([], []) for fit in fits]

    # --- prefill ----------------------------------------------------------------
    def _rows(self, requests: Sequence[Request]) -> list[_Row]:
        """Split every request into what is cached and what is new."""
        rows = []
        for request in requests:
            ids, cache = self._sessions.get(request.session, ([], None))
            if ids != request.ids[: len(ids)] or len(ids) == len(request.ids):
                ids, cache = [], None
            rows.append(_Row(request, cache, request.ids[len(ids) :]))
            self.tokens.prompt += len(request.ids)
            self.tokens.cached += len(ids)
        fresh = [row for row in rows if row.cache is None]
        if len(fresh) > 1:
            self._share_prefix(fresh)
        return rows

    def _share_prefix(self, rows: list[_Row]) -> None:
        """Prefill what the fresh rows' prompts have in common, once for all."""
        shared = _common_prefix([row.new[:-1] for row in rows])
        if len(shared) >= _MIN_SHARED_PREFIX:
            batch = self._batch([None], len(shared))
            self._forward(batch, [shared], batch.mask)
            cache = batch.row(0, torch.ones(len(shared)))
            for row in rows:
                row.cache, row.new = cache, row.new[len(shared) :]
            self.tokens.cached += len(shared) * (len(rows) - 1)

    def _batch(self, caches: Sequence[KeyValues | None], room: int) -> BatchCache:
        model = self._model
        return BatchCache(self._config, caches, room, model.dtype, model.device)

    def _forward(
        self, batch: BatchCache, new: Sequence[list[int]], mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Run the model on new ids; return (logits (B, V), mask (B, length))."""
        width = max(map(len, new))
        ids = torch.tensor([[0] * (width - len(n)) + n for n in new])
        real = torch.tensor([[0] * (width - len(n)) + [1] * len(n) for n in new])
        mask = torch.cat([mask, real.to(mask.device)], dim=1)
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -width:]
        logits = self._model(
            input_ids=ids.to(mask.device),
            attention_mask=mask,
            position_ids=positions,
            past_key_values=batch.for_model,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        return logits.float(), mask

    # --- decode -----------------------------------------------------------------
    def _decode(self, rows: list[_Row], max_new_tokens: int) -> list[Reply]:
        """Decode all rows in one batch; it shrinks when half of its rows have ended."""
        uniforms = [
            np.random.default_rng(row.request.seed).random(max_new_tokens)
            for row in rows
        ]
        replies = [Reply([], []) for _ in rows]
        places = list(range(len(rows)))  # which row each place of the batch holds
        open_places = set(places)
        batch, logits, mask = self._prefill(rows, max_new_tokens)
        for step in range(max_new_tokens):
            draws = torch.tensor([uniforms[row][step] for row in places])
            tokens, logprobs = self._draw(logits, draws)
            for place in sorted(open_places):
                reply = replies[places[place]]
                reply.ids.append(tokens[place])
                reply.logprobs.append(logprobs[place])
                if tokens[place] == self._end or step + 1 == max_new_tokens:
                    row = batch.row(place, mask[place])
                    self._store(rows[places[place]].request, reply, row)
                    open_places.remove(place)
            if not open_places:
                break
            if 2 * len(open_places) <= len(places):
                kept = sorted(open_places)
                batch.keep(torch.tensor(kept, device=mask.device))
                mask, places = mask[kept], [places[place] for place in kept]
                tokens = [tokens[place] for place in kept]
                open_places = set(range(len(places)))
            logits, mask = self._forward(batch, [[token] for token in tokens], mask)
        self.tokens.sampled += sum(len(reply.ids) for reply in replies)
        return replies

    def _prefill(
        self, rows: list[_Row], room: int
    ) -> tuple[BatchCache, torch.Tensor, torch.Tensor]:
        """Prefill all rows, equal prompts once; return their cache, logits and mask."""
        first: dict[tuple[int, ...], int] = {}
        same = [
            first.setdefault(tuple(row.request.ids), index)
            for index, row in enumerate(rows)
        ]
        unique = sorted(first.values())
        width = max(len(rows[index].new) for index in unique)
        batch = self._batch([rows[index].cache for index in unique], width + room)
        logits, mask = self._forward(
            batch, [rows[index].new for index in unique], batch.mask
        )
        if len(unique) < len(rows):
            where = {index: place for place, index in enumerate(unique)}
            gather = torch.tensor([where[s] for s in same], device=mask.device)
            batch.keep(gather)
            logits, mask = logits[gather], mask[gather]
            self.tokens.cached += sum(
                len(row.new) for i, row in enumerate(rows) if same[i] != i
            )
        return batch, logits, mask

    def _draw(
        self, logits: torch.Tensor, uniforms: torch.Tensor
    ) -> tuple[list[int], list[float]]:
        """Draw one token a row; return (tokens, log-probabilities at temperature 1)."""
        logprobs = logits.log_softmax(-1)  # (B, V)
        if self._temperature == 0:
            tokens = logits.argmax(-1)
        else:
            cumulative = (logits / self._temperature).softmax(-1).double().cumsum(-1)
            points = uniforms.to(cumulative)[:, None] * cumulative[:, -1:]
            tokens = torch.searchsorted(cumulative, points, right=True)[:, 0]
            tokens = tokens.clamp(max=logits.shape[-1] - 1)
        drawn = logprobs.gather(1, tokens[:, None])[:, 0]
        return tokens.tolist(), drawn.tolist()

    def _store(self, request: Request, reply: Reply, cache: KeyValues) -> None:
        """Keep the cache of a reply that has ended, for the session's next turn."""
        self._sessions[request.session] = (request.ids + reply.ids[:-1], cache)


def _common_prefix(sequences: Sequence[list[int]]) -> list[int]:
    """Return the longest prefix that all sequences share."""
    low, high = min(sequences), max(sequences)
    length = 0
    while length < min(len(low), len(high)) and low[length] == high[length]:
        length += 1
    return low[:length]
