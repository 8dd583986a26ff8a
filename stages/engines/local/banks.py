"""Where sessions decode side by side: keys and values in slots, by length.

A session has a cache of its own, in which its prompt is computed. While it decodes, a
copy stands in a slot of a bank, with others of about its length: so attention is one
call a bank, and nobody is padded to the longest session of all. A session that outgrows
its bank moves on to the next; what one has said is copied back when it leaves.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from stages.engines.local.cache import SessionCache

_SMALLEST = 128
"""Positions of the first bank's slots; each further bank has half as many again."""
_SPARE = 4
"""A bank gives back slots once it has so many times as many as are used."""


class Bank:
    """Slots of equal room; those in use are the first ones."""

    def __init__(self, room: int, like: SessionCache) -> None:
        """Make an empty bank for sessions of the same model as `like`."""
        self.room = room
        self.caches: list[SessionCache] = []
        layers, _, heads, dim = like.shape
        # a key's positions stand side by side: scores are read from memory in one go
        self._keys = like.empty((layers, 0, heads, dim, room))
        self._values = like.empty((layers, 0, heads, room, dim))

    def __len__(self) -> int:
        return len(self.caches)

    @property
    def slots(self) -> int:
        """Count the sessions that there is room for."""
        return self._keys.shape[1]

    def add(self, cache: SessionCache) -> None:
        """Copy a session into the next slot."""
        slot, length = len(self), cache.stored
        self.reserve(slot + 1)
        self._values[:, slot, :, length:] = 0  # whatever it was: 0 x NaN is NaN
        keys, values = cache.positions(0, length).unbind(1)
        self._keys[:, slot, :, :, :length] = keys.transpose(2, 3)
        self._values[:, slot, :, :length] = values
        self.caches.append(cache)

    def reserve(self, num: int) -> None:
        """Make room for so many sessions in all."""
        if num > self.slots:
            self._resize(max(num, self.slots + self.slots // 2))

    def give_back(self) -> None:
        """Free most of the slots that nobody uses, if they are many."""
        if self.slots >= _SPARE * len(self):
            self._resize(_SPARE // 2 * len(self))

    def _resize(self, slots: int) -> None:
        self._keys = _resized(self._keys, slots, len(self))
        self._values = _resized(self._values, slots, len(self))

    def remove(self, slot: int) -> None:
        """Free a slot; the last one in use moves there."""
        last = self.caches.pop()
        if slot < len(self):
            for held in (self._keys, self._values):
                held[:, slot] = held[:, len(self)]
            self.caches[slot] = last

    def copy_back(self, slot: int) -> None:
        """Copy a session's new keys and values back to its own cache."""
        cache = self.caches[slot]
        start, end = cache.stored, len(cache.ids)
        cache.reserve(end)
        keys, values = cache.positions(start, end).unbind(1)
        keys.copy_(self._keys[:, slot, :, :, start:end].transpose(2, 3))
        values.copy_(self._values[:, slot, :, start:end])
        cache.stored = end

    # --- one step ---------------------------------------------------------------
    def begin_step(self) -> None:
        """Note where each session's next position is."""
        places = torch.tensor([len(cache.ids) for cache in self.caches])
        self._longest = int(places.max()) + 1
        self._masks: dict[int | None, Tensor] = {}
        self._places = places.to(self._keys.device)
        self._rows = torch.arange(len(self), device=self._keys.device)

    def _unseen(self, window: int | None) -> Tensor:
        """Mark the positions that each session does not see: (N, 1, 1, longest)."""
        if window not in self._masks:
            every = torch.arange(self._longest, device=self._places.device)[None]
            unseen = every > self._places[:, None]
            if window is not None:
                unseen |= every <= self._places[:, None] - window
            self._masks[window] = unseen[:, None, None]
        return self._masks[window]

    def attend(
        self, layer: int, query: Tensor, new: Tensor, scale: float, window: int | None
    ) -> Tensor:
        """Attend from one new position a session.

        Args:
            layer: of the model.
            query: (N, K, H / K, D): the heads that share a key are one's queries.
            new: keys and values of the new positions, (2, N, K, D).
            scale: of the scores.
            window: how many positions a layer with a sliding window sees.

        Returns:
            (N, K, H / K, D).
        """
        keys, values, num = self._keys[layer], self._values[layer], len(self)
        keys[self._rows, :, :, self._places] = new[0]
        values[self._rows, :, self._places] = new[1]
        scores = (query * scale) @ keys[:num, :, :, : self._longest]
        scores = scores.float()  # (N, K, H / K, longest)
        weights = scores.masked_fill_(self._unseen(window), -torch.inf).softmax(-1)
        return weights.to(query.dtype) @ values[:num, :, : self._longest]


def _resized(held: Tensor, slots: int, used: int) -> Tensor:
    """Make so many slots that begin with those in use."""
    layers, _, *shape = held.shape
    resized = held.new_empty((layers, slots, *shape))
    resized[:, :used] = held[:, :used]
    return resized


class Banks:
    """All sessions that decode."""

    def __init__(self) -> None:
        self._banks: dict[int, Bank] = {}

    def __iter__(self) -> Iterator[Bank]:
        """List the banks that are in use, shortest first."""
        return (b for _, b in sorted(self._banks.items()) if len(b))

    @property
    def positions(self) -> int:
        """Count the positions that there is memory for, used or not."""
        return sum(bank.slots * bank.room for bank in self._banks.values())

    def update(self, decoding: Sequence[SessionCache]) -> None:
        """Let just these sessions decode; each has room for one more position.

        The new keys and values of a session that no longer decodes are copied back.
        """
        staying = {id(cache) for cache in decoding}
        placed: set[int] = set()
        for bank in list(self):
            for slot in reversed(range(len(bank))):
                cache = bank.caches[slot]
                fits = len(cache.ids) < bank.room
                if id(cache) in staying and fits:
                    placed.add(id(cache))
                else:
                    bank.copy_back(slot)
                    bank.remove(slot)
        coming: dict[Bank, list[SessionCache]] = {}
        for cache in decoding:
            if id(cache) not in placed:
                coming.setdefault(self._bank(cache), []).append(cache)
        for bank, caches in coming.items():
            bank.reserve(len(bank) + len(caches))
            for cache in caches:
                bank.add(cache)
        self._give_back()

    def _give_back(self) -> None:
        """Free what is hardly used: sessions grow, and leave shorter banks behind."""
        for room, bank in list(self._banks.items()):
            if len(bank):
                bank.give_back()
            else:
                del self._banks[room]

    def clear(self) -> None:
        """Forget all sessions, and free their memory."""
        self._banks.clear()

    def _bank(self, cache: SessionCache) -> Bank:
        room = _SMALLEST
        while room <= len(cache.ids):
            room += room // 2
        if room not in self._banks:
            self._banks[room] = Bank(room, cache)
        return self._banks[room]
