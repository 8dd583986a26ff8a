"""Which page of memory holds what: shared starts are found, and the oldest given away.

Keys and values lie in pages of 16 positions. A page that is full has a key, which
covers all ids before it too: whoever begins with the same ids uses the same page. So
nothing is kept of a session: its next turn finds its pages by their keys, as does any
other session that begins as it did. A page that nobody uses stays until its room is
needed; those unused for longest go first.
"""

from collections import OrderedDict
from collections.abc import Sequence

from stages.engines.local.prefixes import BLOCK

PAGE = BLOCK
TRASH = 0
"""A page that is written to by whoever has nothing to say, and read by nobody."""


class Pages:
    """Who uses which page, and which keys are held."""

    def __init__(self, num: int) -> None:
        """Begin with so many pages that nobody uses, and one for trash."""
        self._users = [0] * (num + 1)
        self._unused = OrderedDict.fromkeys(range(1, num + 1))
        self._holders: dict[int, int] = {}
        self._keys: dict[int, int] = {}
        self.num = num

    def find(self, keys: Sequence[int]) -> list[int]:
        """Find the pages that hold the longest start."""
        found = []
        for key in keys:
            page = self._holders.get(key)
            if page is None:
                break
            found.append(page)
        return found

    def take(self, held: Sequence[int], num: int) -> list[int] | None:
        """Use pages that are held, and `num` new ones: return all; None: no room."""
        room = len(self._unused) - sum(not self._users[page] for page in held)
        if num > room:
            return None
        for page in held:
            self._users[page] += 1
            self._unused.pop(page, None)
        new = [self._oldest() for _ in range(num)]
        return [*held, *new]

    def _oldest(self) -> int:
        page, _ = self._unused.popitem(last=False)
        self._users[page] = 1
        key = self._keys.pop(page, None)
        if key is not None:
            del self._holders[key]
        return page

    def name(self, pages: Sequence[int], keys: Sequence[int]) -> None:
        """Let pages hold the keys that nobody holds yet, as far as there are keys."""
        for page, key in zip(pages, keys, strict=False):
            if key not in self._holders and page not in self._keys:
                self._holders[key] = page
                self._keys[page] = key

    def give_back(self, pages: Sequence[int]) -> None:
        """Use pages no longer; the end of a session goes before its start."""
        for page in reversed(pages):
            self._users[page] -= 1
            if not self._users[page]:
                self._unused[page] = None
                if page not in self._keys:  # of no use to anybody
                    self._unused.move_to_end(page, last=False)

    def forget(self) -> None:
        """Let no page hold anything; those in use stay in use."""
        self._holders.clear()
        self._keys.clear()
