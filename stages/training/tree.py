"""Rows that begin alike as one row: what they share is written once.

The rows of a batch become a tree. Each node is a stretch of ids that the rows below it
have in common; nodes are laid out one after another, a node before what follows it. An
id sees the ids of its own node that are not after it, and all of the nodes above: the
very ids before it in its row. Its position counts along its row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask

Ids = Sequence[int]

_LEAST = 4
"""Ids that are worth a node: one costs a few calls a layer, an id all linear layers."""


@dataclass(frozen=True)
class Node:
    """A stretch of ids in the laid-out row, and where the stretches before it lie."""

    start: int
    end: int
    above: tuple["Node", ...]

    @property
    def position(self) -> int:
        """The position of its first id, along a row."""
        return sum(len(node) for node in self.above)

    def __len__(self) -> int:
        return self.end - self.start


@dataclass
class Tree:
    """The rows of a batch, laid out."""

    num_rows: int
    ids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    """For each id, where its node's followers end; all up to there sees it."""
    nodes: list[Node] = field(default_factory=list)
    rows: list[list[int]] = field(init=False)
    """For each row, where each of its ids lies."""
    _masks: dict[tuple[int, int | None, torch.dtype], Tensor] = field(
        default_factory=dict, repr=False
    )
    block_masks: dict[int | None, BlockMask] = field(default_factory=dict, repr=False)
    """By window; see `stages.training.attention`."""

    def __post_init__(self) -> None:
        self.rows = [[] for _ in range(self.num_rows)]

    @cached_property
    def longest(self) -> int:
        """The length of the longest row."""
        return max(map(len, self.rows))

    def mask(self, node: Node, window: int | None, like: Tensor) -> Tensor:
        """Make the mask of a node's ids, of all ids up to it: (Q, K)."""
        key = node.start, window, like.dtype
        if key not in self._masks:
            before, num = node.position, len(node)
            seen = torch.ones(num, before + num, dtype=torch.bool, device=like.device)
            seen = seen.tril(before)
            if window is not None:
                seen = seen.triu(before - window + 1)
            unseen = torch.zeros_like(seen, dtype=like.dtype)
            self._masks[key] = unseen.masked_fill(~seen, -torch.inf)
        return self._masks[key]


def grow(rows: Sequence[Ids], least: int = _LEAST) -> Tree:
    """Lay rows out; what fewer than `least` ids have in common is written twice."""
    tree = Tree(len(rows))
    order = [row for row in range(len(rows)) if rows[row]]
    order.sort(key=lambda row: list(rows[row]))
    for part in _parts(rows, order, 0):
        _add(tree, rows, part, start=0, least=least, above=())
    return tree


def _add(
    tree: Tree,
    rows: Sequence[Ids],
    members: list[int],
    *,
    start: int,
    least: int,
    above: tuple[Node, ...],
) -> None:
    """Add rows, in order and alike in their first id that is not laid out, `start`."""
    shared = _shared(rows[members[0]], rows[members[-1]], start)
    ended = [row for row in members if len(rows[row]) == shared]
    if len(ended) == len(members) or shared - start >= least:
        first = len(tree.ids)
        node = Node(first, first + shared - start, above)
        _write(tree, node, rows[members[0]][start:shared], members)
        for part in _parts(rows, members[len(ended) :], shared):
            _add(tree, rows, part, start=shared, least=least, above=(*above, node))
        tree.ends[first : node.end] = [len(tree.ids)] * len(node)
        return
    parts = [ended] if ended else []
    for part in [*parts, *_parts(rows, members[len(ended) :], shared)]:
        _add(tree, rows, part, start=start, least=least, above=above)


def _write(tree: Tree, node: Node, ids: Ids, members: list[int]) -> None:
    tree.ids += ids
    tree.positions += range(node.position, node.position + len(ids))
    tree.ends += [0] * len(ids)
    tree.nodes.append(node)
    for row in members:
        tree.rows[row] += range(node.start, node.end)


def _parts(
    rows: Sequence[Ids], members: Sequence[int], place: int
) -> Iterator[list[int]]:
    """Split ordered rows by their id at a place."""
    for _, part in groupby(members, key=lambda row: rows[row][place]):
        yield list(part)


def _shared(one: Ids, other: Ids, start: int) -> int:
    """Count the ids that two rows begin with alike, of which `start` are known."""
    end = min(len(one), len(other))
    return next((n for n in range(start, end) if one[n] != other[n]), end)
