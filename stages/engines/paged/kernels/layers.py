"""What layers do around their matrix products, each in one launch (Triton).

`rotate_and_store` turns queries and keys by their position and stores keys and values;
`rms_norm` and `gated` are what their names say. All compute in float32, whatever they
read and write.
"""

import torch
from torch import Tensor

from stages.engines.paged.kernels.language import tl, triton


def rotate_and_store(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    turns: tuple[Tensor, Tensor],
    keys: Tensor,
    values: Tensor,
    places: Tensor,
) -> Tensor:
    """Turn queries (T, H, D) and keys (T, K, D); store keys and values.

    Args:
        query: the queries.
        key: the keys.
        value: (T, K, D).
        turns: cosine and sine of each position, (T, D) each.
        keys: of one layer, (positions, K, D).
        values: the same.
        places: where each id's go, (T,).

    Returns:
        The turned queries, (T, H, D).
    """
    num, heads, dim = query.shape
    kv_heads = key.shape[1]
    output = torch.empty((num, heads, dim), dtype=query.dtype, device=query.device)
    cos, sin = turns
    _rotate_and_store[(num, heads + 2 * kv_heads)](
        query,
        key,
        value,
        cos,
        sin,
        output,
        keys,
        values,
        places,
        query.stride(0),
        key.stride(0),
        value.stride(0),
        cos.stride(0),
        heads,
        kv_heads,
        HALF=dim // 2,
        HALVES=triton.next_power_of_2(dim // 2),
        num_warps=1,
    )
    return output


@triton.jit
def _rotate_and_store(
    query: tl.tensor,
    key: tl.tensor,
    value: tl.tensor,
    cosines: tl.tensor,
    sines: tl.tensor,
    output: tl.tensor,
    keys: tl.tensor,
    values: tl.tensor,
    places: tl.tensor,
    query_stride: tl.tensor,
    key_stride: tl.tensor,
    value_stride: tl.tensor,
    turn_stride: tl.tensor,
    heads: tl.tensor,
    kv_heads: tl.tensor,
    HALF: tl.constexpr,
    HALVES: tl.constexpr,
) -> None:
    """Handle one head of one id."""
    token, head = tl.program_id(0).to(tl.int64), tl.program_id(1)
    dims = tl.arange(0, HALVES)
    inside = dims < HALF
    place = tl.load(places + token).to(tl.int64)
    stored = (place * kv_heads) * (2 * HALF)
    if head < heads:
        source = query + token * query_stride + head * 2 * HALF
        target = output + (token * heads + head) * 2 * HALF
    elif head < heads + kv_heads:
        source = key + token * key_stride + (head - heads) * 2 * HALF
        target = keys + stored + (head - heads) * 2 * HALF
    else:
        source = value + token * value_stride + (head - heads - kv_heads) * 2 * HALF
        target = values + stored + (head - heads - kv_heads) * 2 * HALF
    one = tl.load(source + dims, inside, other=0.0).to(tl.float32)
    two = tl.load(source + HALF + dims, inside, other=0.0).to(tl.float32)
    if head < heads + kv_heads:
        turn = token * turn_stride + dims
        cos = tl.load(cosines + turn, inside, other=0.0).to(tl.float32)
        sin = tl.load(sines + turn, inside, other=0.0).to(tl.float32)
        one, two = one * cos - two * sin, two * cos + one * sin
    tl.store(target + dims, one.to(target.dtype.element_ty), inside)
    tl.store(target + HALF + dims, two.to(target.dtype.element_ty), inside)


def rms_norm(values: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """Norm the last dimension by its root mean square, and weigh it."""
    size = values.shape[-1]
    rows = values.reshape(-1, size)
    output = torch.empty_like(rows)
    block = triton.next_power_of_2(size)
    _rms_norm[(rows.shape[0],)](
        rows,
        weight,
        output,
        rows.stride(0),
        epsilon,
        SIZE=size,
        BLOCK=block,
        num_warps=max(1, min(8, block // 256)),
    )
    return output.view(values.shape)


@triton.jit
def _rms_norm(
    rows: tl.tensor,
    weight: tl.tensor,
    output: tl.tensor,
    stride: tl.tensor,
    epsilon: tl.tensor,
    SIZE: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Norm one row."""
    row, at = tl.program_id(0).to(tl.int64), tl.arange(0, BLOCK)
    inside = at < SIZE
    own = tl.load(rows + row * stride + at, inside, other=0.0).to(tl.float32)
    own = own * tl.rsqrt(tl.sum(own * own, 0) / SIZE + epsilon)
    own = own.to(output.dtype.element_ty).to(tl.float32)  # as the model rounds
    own = own * tl.load(weight + at, inside, other=0.0).to(tl.float32)
    tl.store(output + row * SIZE + at, own.to(output.dtype.element_ty), inside)


def gated(gate: Tensor, up: Tensor) -> Tensor:
    """Compute silu(gate) x up, of (..., I) each, maybe halves of one tensor."""
    size = gate.shape[-1]
    gates, ups = gate.reshape(-1, size), up.reshape(-1, size)
    output = torch.empty((gates.shape[0], size), dtype=gate.dtype, device=gate.device)
    block = 1024
    _gated[(gates.shape[0], triton.cdiv(size, block))](
        gates, ups, output, gates.stride(0), ups.stride(0), size, BLOCK=block
    )
    return output.view(gate.shape)


@triton.jit
def _gated(
    gates: tl.tensor,
    ups: tl.tensor,
    output: tl.tensor,
    gate_stride: tl.tensor,
    up_stride: tl.tensor,
    size: tl.tensor,
    BLOCK: tl.constexpr,
) -> None:
    """Handle a block of one row."""
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = at < size
    gate = tl.load(gates + row * gate_stride + at, inside, other=0.0).to(tl.float32)
    up = tl.load(ups + row * up_stride + at, inside, other=0.0).to(tl.float32)
    own = gate / (1.0 + tl.exp(-gate)) * up
    tl.store(output + row * size + at, own.to(output.dtype.element_ty), inside)
