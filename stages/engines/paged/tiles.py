"""New ids of many sessions in one row, cut into tiles.

A tile is a few consecutive ids of one session: what attends together. In a step of
decoding each row is a tile of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from stages.engines.paged.pages import PAGE


@dataclass(frozen=True)
class Tiles:
    """New ids in one row, and how they are cut into tiles."""

    positions: Tensor
    """Of each id in its session: (T,)."""
    places: Tensor
    """Where in memory its key and value go: (T,)."""
    tables: Tensor
    """The pages of each seat: (seats, most pages)."""
    seats: Tensor
    """Of each tile: (tiles,)."""
    starts: Tensor
    """Its first id, in the row: (tiles,)."""
    lengths: Tensor
    """How many ids it has: (tiles,)."""
    most: int
    """No tile has more ids."""


@dataclass(frozen=True)
class Part:
    """New ids of one session's prompt."""

    seat: int
    start: int
    """Position of the first."""
    ids: Sequence[int]
    pages: np.ndarray
    """All of the session."""


def lay_out(parts: Sequence[Part], most: int) -> tuple[np.ndarray, np.ndarray]:
    """Lay parts of prompts side by side, in tiles of at most so many ids.

    Returns:
        Ids, positions and places (3, T); seats, starts and lengths of tiles (3, tiles).
    """
    rows, tiles, start = [], [], 0
    for part in parts:
        num = len(part.ids)
        positions = np.arange(part.start, part.start + num)
        places = part.pages[positions // PAGE] * PAGE + positions % PAGE
        rows.append(np.stack([np.array(part.ids), positions, places]))
        firsts = np.arange(0, num, most)
        lengths = np.minimum(most, num - firsts)
        seats = np.full_like(firsts, part.seat)
        tiles.append(np.stack([seats, start + firsts, lengths]))
        start += num
    return np.concatenate(rows, 1), np.concatenate(tiles, 1)


def cut(parts: Sequence[Part], most: int) -> Iterator[list[Part]]:
    """Yield parts in groups of at most so many ids, cut where that is needed."""
    group: list[Part] = []
    room = most
    for part in parts:
        start = 0
        while start < len(part.ids):
            ids = part.ids[start : start + room]
            group.append(Part(part.seat, part.start + start, ids, part.pages))
            start, room = start + len(ids), room - len(ids)
            if not room:
                yield group
                group, room = [], most
    if group:
        yield group
