"""What is measured in this process: our engine, and the same model without it."""

import time
import tracemalloc
from collections.abc import Hashable, Sequence
from itertools import cycle
from typing import Any

import torch
from torch import Tensor

from stages.common.policy import Policy
from stages.engines.backend import Reply, Request, TokenCounts
from stages.engines.local.engine import Engine
from stages.playing.table import Table
from stages.tools.selfplay_speed.relay import make_relay_instances, shorten
from stages.tools.selfplay_speed.workload import Speed, Workload, play_relay

_DECODED = 24
_BUSY = 256
"""Sessions at which the scheduler's overhead is measured."""
_KEPT, _SHORT = 1000, 16


def _make_engine(policy: Policy) -> Engine:
    return Engine(policy.model, policy.chat.ends, temperature=1.0)


def play_ours(policy: Policy, workload: Workload) -> tuple[Speed, list[Table]]:
    """Play the workload with our engine."""
    play_relay(_make_engine(policy), policy.chat, workload.instances[:2], 2)
    size = workload.batch_size
    return play_relay(_make_engine(policy), policy.chat, workload.instances, size)


def play_singly(policy: Policy, tables: Sequence[Table]) -> Speed:
    """Play episodes one after another by `generate`, each prompt from its start.

    The prompts are those of finished tables, turn by turn; replies are sampled anew.
    """
    generate: Any = policy.model.generate  # which no type of transformers has
    sampled, start = 0, time.perf_counter()
    for table in tables:
        for request in _list_requests(table):
            ids = torch.tensor([request.ids])
            reply = generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=True,
                top_k=0,
                eos_token_id=sorted(policy.chat.ends),
                pad_token_id=policy.chat.end_of_turn,
                max_new_tokens=request.max_new_tokens,
            )
            sampled += reply.shape[1] - ids.shape[1]
    return Speed(sampled, time.perf_counter() - start)


def _list_requests(table: Table) -> list[Request]:
    """List what was asked for in a finished episode, in some order of its turns."""
    most = table.game.spec.max_reply_tokens
    return [
        Request((role, start), stream.ids[:start], 0, most)
        for role, stream in table.streams.items()
        for start in stream.starts
    ]


def decode_bare(policy: Policy, tables: Sequence[Table]) -> Speed:
    """Decode as many sessions at once in the model alone, nothing but forward passes.

    They are equally long, so that there is no padding, and never end. It is the model
    as transformers computes it, with its linear layers, attention and cache.
    """
    lengths = [len(stream.ids) for t in tables for stream in t.streams.values()]
    length = sum(lengths) // len(lengths)
    ids = torch.randint(1000, 40000, (len(tables), length))
    with torch.no_grad():
        output = policy.model(ids, use_cache=True, logits_to_keep=1)
        last = _pick_next(output.logits)
        start = time.perf_counter()
        for _ in range(_DECODED):
            output = policy.model(
                last,
                past_key_values=output.past_key_values,
                use_cache=True,
                logits_to_keep=1,
            )
            last = _pick_next(output.logits)
    return Speed(len(tables) * _DECODED, time.perf_counter() - start)


def _pick_next(logits: Tensor) -> Tensor:
    return logits[:, -1].argmax(-1, keepdim=True)


def measure_scheduler(policy: Policy) -> float:
    """Measure the part of wall time outside the engine, 256 episodes in flight.

    Replies are short, so that the scheduler has more to do for each id: longer ones
    only make its part smaller.
    """
    engine, game = _make_engine(policy), shorten(_SHORT)
    speed, _ = play_relay(engine, policy.chat, make_relay_instances(_BUSY), _BUSY, game)
    return 1 - engine.tokens.seconds / speed.seconds


class _Recorded:
    """Says what was said before, at once; a `stages.engines.backend`."""

    ready = True

    def __init__(self, tables: Sequence[Table]) -> None:
        turns = [turn for table in tables for turn in table.session.turns]
        self._replies = cycle([Reply(t.token_ids, t.logprobs) for t in turns])
        self._asked: list[Hashable] = []
        self.tokens = TokenCounts()

    def submit(self, request: Request) -> None:
        """Remember who asks."""
        self._asked.append(request.session)

    def collect(self) -> list[tuple[Hashable, Reply]]:
        """Answer all who asked."""
        said = [(session, next(self._replies)) for session in self._asked]
        self._asked.clear()
        # ids of their own, as sampled ones are
        return [(s, Reply(list(r.ids), list(r.logprobs))) for s, r in said]

    def forget(self, session: Hashable) -> None:
        """Do nothing."""

    def reset(self) -> None:
        """Do nothing."""


def measure_memory(policy: Policy, tables: Sequence[Table]) -> float:
    """Measure the MB of 1,000 finished episodes, with all that the loop keeps."""
    backend, instances = _Recorded(tables), make_relay_instances(_KEPT)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    _, kept = play_relay(backend, policy.chat, instances, _BUSY)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(kept) == _KEPT
    return used / 2**20
