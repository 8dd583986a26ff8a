"""What a player can know of a house: all that it was told so far, and nothing else."""

import re
from collections import deque
from dataclasses import dataclass, field

from games.adventuregame.domain import CONTAINERS, PORTABLE, SUPPORTS, name_kind
from games.contract import Message

_ROOM = re.compile(r"You are in a ([a-z ]+) now\.")
_SEEN = re.compile(r"There (?:is|are) (a [a-z, ]+)\.")
_EXITS = re.compile(r"There (?:is a passage|are passages) to (a [a-z, ]+) here\.")
_STATE = re.compile(r"The ([a-z ]+) is (?:now )?(open|closed)\.")
_HELD = re.compile(r"The ([a-z ]+) is (?:on|in) the ([a-z ]+)\.")
_FOUND = re.compile(r"In the ([a-z ]+) there (?:is|are) (a [a-z, ]+)\.")
_TAKEN = re.compile(r"You take the ([a-z ]+)\.")
_PUT = re.compile(r"You put the ([a-z ]+) (?:on|in) the ([a-z ]+)\.")
CARRIED = ""
"""The place of a thing that is carried."""


@dataclass
class Memory:
    """A house as far as it is known, by the names that players use."""

    here: str = ""
    exits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Rooms that were entered -> the rooms next to them."""
    rooms: dict[str, str] = field(default_factory=dict)
    """Furniture -> the room that it is in."""
    closed: set[str] = field(default_factory=set)
    where: dict[str, str] = field(default_factory=dict)
    """Things -> the furniture or floor that they lie on or in."""

    def read(self, text: str) -> None:
        """Take in what one command led to."""
        if match := _ROOM.search(text):
            self.here = match[1]
            self._read_room(text[match.start() :])
        for name, state in _STATE.findall(text):
            (self.closed.add if state == "closed" else self.closed.discard)(name)
        for place, found in _FOUND.findall(text):
            self.where |= dict.fromkeys(_split_names(found), place)
        for thing in _TAKEN.findall(text):
            self.where[thing] = CARRIED
        for thing, place in _PUT.findall(text):
            self.where[thing] = place

    def _read_room(self, text: str) -> None:
        """Take in what a room looks like."""
        exits = _EXITS.search(text)
        self.exits[self.here] = tuple(_split_names(exits[1])) if exits else ()
        seen = _SEEN.search(text)
        for name in _split_names(seen[1]) if seen else ():
            if name in _FURNITURE:
                self.rooms[name] = self.here
        for thing, place in _HELD.findall(text):
            if thing in _THINGS:
                if place == "floor":
                    place = f"floor of the {self.here}"
                    self.rooms[place] = self.here
                self.where[thing] = place

    def find_way_to_news(self) -> list[str] | None:
        """Find the rooms to go through to the nearest one with anything unknown.

        That is a room that was never entered, or one with a closed container.
        """
        came: dict[str, str] = {self.here: ""}
        queue = deque(came)
        while queue:
            room = queue.popleft()
            if room not in self.exits or any(
                self.rooms.get(name) == room for name in self.closed
            ):
                path = [room]
                while came[path[-1]]:
                    path.append(came[path[-1]])
                return path[-2::-1]
            for other in self.exits[room]:
                if other not in came:
                    came[other] = room
                    queue.append(other)
        return None


_FURNITURE = frozenset(map(name_kind, SUPPORTS + CONTAINERS))
_THINGS = frozenset(map(name_kind, PORTABLE))


def _split_names(listed: str) -> list[str]:
    """Split "a x, a y and a z" into names."""
    return [part.removeprefix("a ") for part in re.split(r", | and ", listed)]


def recall(messages: list[Message]) -> Memory:
    """Gather from a chat all that it has told its player."""
    memory = Memory()
    for message in messages:
        if message["role"] == "user":
            memory.read(message["content"])
    return memory
