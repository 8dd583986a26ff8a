"""Which session already holds the start of a prompt, found block by block.

Ids are cut into blocks; a block's key covers all before it, so that equal keys mean an
equal start. Whoever computed a block first keeps it for all that come after: the text
of a game's prompt, the prompt of a GRPO group, the history that branches share.
"""

from collections import OrderedDict
from collections.abc import Sequence

from stages.engines.local.cache import SessionCache

BLOCK = 16
_RETIRED = 2**14
"""Positions of ended sessions that are kept because others may begin as they did."""


def block_keys(ids: Sequence[int]) -> list[int]:
    """Hash each whole block of the ids, with all before it, to a key."""
    keys, key = [], 0
    for start in range(0, len(ids) - len(ids) % BLOCK, BLOCK):
        key = hash((key, *ids[start : start + BLOCK]))
        keys.append(key)
    return keys


class Prefixes:
    """The blocks that sessions hold."""

    def __init__(self) -> None:
        self._holders: dict[int, SessionCache] = {}
        self._held: dict[int, list[int]] = {}  # by id() of the cache
        self.retired: OrderedDict[int, SessionCache] = OrderedDict()

    def add(self, cache: SessionCache, keys: Sequence[int]) -> None:
        """Let a session hold the blocks of its ids that nobody holds yet."""
        for key in keys:
            if key not in self._holders:
                self._holders[key] = cache
                self._held.setdefault(id(cache), []).append(key)

    def find(
        self, ids: Sequence[int], keys: Sequence[int]
    ) -> tuple[SessionCache | None, int]:
        """Find (cache, length) of the longest start of `ids` held, or (None, 0).

        What has not been copied back from a session's bank does not count.
        """
        cache = None
        for key in keys:
            if key not in self._holders:
                break
            cache = self._holders[key]
        if cache is None:
            return None, 0
        if id(cache) in self.retired:
            self.retired.move_to_end(id(cache))
        return cache, min(shared_length(cache.ids, ids), cache.stored)

    def holds(self, key: int) -> bool:
        """Tell whether somebody holds a block."""
        return key in self._holders

    def drop(self, cache: SessionCache) -> None:
        """Let a session go, as its ids change."""
        for key in self._held.pop(id(cache), ()):
            del self._holders[key]
        self.retired.pop(id(cache), None)

    def retire(self, cache: SessionCache) -> None:
        """Keep what an ended session holds for a while, if it holds anything."""
        if id(cache) in self._held:
            self.retired[id(cache)] = cache
            while sum(len(one.ids) for one in self.retired.values()) > _RETIRED:
                self.drop(next(iter(self.retired.values())))


def shared_length(one: Sequence[int], other: Sequence[int]) -> int:
    """Count the ids that two sequences share at their start."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # the start of equal ids is equal: bisect
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
