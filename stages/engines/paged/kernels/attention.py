"""Attention over pages, in one launch (Triton): flash attention tile by tile."""

import torch
from torch import Tensor

from stages.engines.paged.kernels.language import tl, triton
from stages.engines.paged.pages import PAGE
from stages.engines.paged.tiles import Tiles

_ROWS = 16
"""The fewest rows of a matrix product on tensor cores."""


def attend(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    tiles: Tiles,
    scale: float,
    window: int | None,
) -> Tensor:
    """Attend from queries (T, H, D) to pages (positions, K, D) -> (T, H, D)."""
    num, heads, dim = query.shape
    of_a_key = heads // keys.shape[1]
    output = torch.empty((num, heads, dim), dtype=query.dtype, device=query.device)
    wide = query.element_size() > 2
    _attend[(tiles.seats.shape[0], keys.shape[1])](
        query,
        keys,
        values,
        output,
        tiles.tables,
        tiles.seats,
        tiles.starts,
        tiles.lengths,
        tiles.positions,
        scale * 1.4426950408889634,
        window or 0,
        query.stride(0),
        query.stride(1),
        keys.stride(0),
        tiles.tables.stride(0),
        HEADS=of_a_key,
        DIM=dim,
        DIMS=max(16, triton.next_power_of_2(dim)),
        ROWS=max(_ROWS, triton.next_power_of_2(tiles.most * of_a_key)),
        STEP=32 if wide else 64,
        PAGE=PAGE,
        PRECISION="ieee" if wide else "tf32",
        num_warps=4,
        num_stages=2 if wide else 3,
    )
    return output


@triton.jit
def _attend(
    query: tl.tensor,
    keys: tl.tensor,
    values: tl.tensor,
    output: tl.tensor,
    tables: tl.tensor,
    seats: tl.tensor,
    starts: tl.tensor,
    lengths: tl.tensor,
    positions: tl.tensor,
    scale: tl.tensor,
    window: tl.tensor,
    query_stride: tl.tensor,
    head_stride: tl.tensor,
    place_stride: tl.tensor,
    table_stride: tl.tensor,
    HEADS: tl.constexpr,
    DIM: tl.constexpr,
    DIMS: tl.constexpr,
    ROWS: tl.constexpr,
    STEP: tl.constexpr,
    PAGE: tl.constexpr,
    PRECISION: tl.constexpr,
) -> None:
    """Attend from one tile and the heads of one key: rows are ids x heads."""
    tile, key_head = tl.program_id(0), tl.program_id(1)
    table = tables + tl.load(seats + tile).to(tl.int64) * table_stride
    start = tl.load(starts + tile).to(tl.int64)
    length = tl.load(lengths + tile).to(tl.int32)
    first = tl.load(positions + start).to(tl.int32)
    row = tl.arange(0, ROWS)
    own, head = row // HEADS, key_head * HEADS + row % HEADS
    dims = tl.arange(0, DIMS)
    here = (own < length)[:, None] & (dims < DIM)[None, :]
    ids = start + own
    at = ids[:, None] * query_stride + head[:, None] * head_stride + dims[None, :]
    mixed = _mix(
        tl.load(query + at, mask=here, other=0.0),
        keys + key_head * DIM,
        values + key_head * DIM,
        table,
        first + own,
        first,
        first + length,
        scale,
        window,
        place_stride,
        DIM,
        DIMS,
        ROWS,
        STEP,
        PAGE,
        PRECISION,
    )
    width = tl.num_programs(1) * HEADS * DIM
    to = ids[:, None] * width + head[:, None] * DIM + dims[None, :]
    tl.store(output + to, mixed.to(output.dtype.element_ty), mask=here)


@triton.jit
def _mix(
    q: tl.tensor,
    keys: tl.tensor,
    values: tl.tensor,
    table: tl.tensor,
    position: tl.tensor,
    first: tl.tensor,
    end: tl.tensor,
    scale: tl.tensor,
    window: tl.tensor,
    place_stride: tl.tensor,
    DIM: tl.constexpr,
    DIMS: tl.constexpr,
    ROWS: tl.constexpr,
    STEP: tl.constexpr,
    PAGE: tl.constexpr,
    PRECISION: tl.constexpr,
) -> tl.tensor:
    """Weigh the values before `end` for each row: a softmax in one pass."""
    dims, steps = tl.arange(0, DIMS), tl.arange(0, STEP)
    is_dim = dims < DIM
    begin = 0
    if window > 0:
        begin = tl.maximum(0, first - window + 1) // STEP * STEP
    most = tl.full((ROWS,), -1.0e30, tl.float32)
    total = tl.zeros((ROWS,), tl.float32)
    mixed = tl.zeros((ROWS, DIMS), tl.float32)
    for from_here in range(begin, end, STEP):
        place = from_here + steps
        exists = place < end
        page = tl.load(table + place // PAGE, exists, other=0).to(tl.int64)
        held = (page * PAGE + place % PAGE) * place_stride
        of_key = held[None, :] + dims[:, None]
        k = tl.load(keys + of_key, exists[None, :] & is_dim[:, None], other=0.0)
        scores = tl.dot(q, k, input_precision=PRECISION) * scale
        seen = place[None, :] <= position[:, None]
        if window > 0:
            seen = seen & (place[None, :] > (position - window)[:, None])
        scores = tl.where(seen, scores, -1.0e30)
        more = tl.maximum(most, tl.max(scores, 1))
        weights = tl.exp2(scores - more[:, None])
        fade = tl.exp2(most - more)
        total = total * fade + tl.sum(weights, 1)
        of_value = held[:, None] + dims[None, :]
        v = tl.load(values + of_value, exists[:, None] & is_dim[None, :], other=0.0)
        mixed = mixed * fade[:, None]
        mixed += tl.dot(weights.to(v.dtype), v, input_precision=PRECISION)
        most = more
    return mixed / total[:, None]
