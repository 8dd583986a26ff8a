"""The state of a house: an ordered set of facts such as ("on", "book1", "table1").

The order is that of the instance, and a new fact is the last: so every listing has
one order, where clembench's depends on the hash seed. Things in closed containers
are known to the referee only.
"""

import copy
from collections.abc import Iterable, Iterator

from games.adventuregame.domain import ENTITIES, HIDDEN, ROOMS, name_kind

Fact = tuple[str, ...]
PLAYER, INVENTORY = "player1", "inventory"


def parse_fact(text: str) -> Fact:
    """Read the fact in a text such as "on(book1,table1)".

    Raises:
        ValueError: the text is no fact.
    """
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is no text of the form on(book1,table1)")
    predicate, bracket, arguments = text.partition("(")
    if not (predicate and bracket and arguments.endswith(")")):
        raise ValueError(f"'{text}' is not of the form on(book1,table1)")
    return (predicate, *(part.strip() for part in arguments[:-1].split(",")))


class World:
    """What is so at the moment."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts: dict[Fact, None] = {}
        """A set that keeps its order."""
        self._of: dict[str, dict[Fact, None]] = {}
        """The same by predicate."""
        for fact in facts:
            self.add(*fact)
        self.removed: list[Fact] = []
        """What was made not so, or found not to be so, since it was last cleared."""
        self._kinds = {f[1]: f[2] for f in self.list_facts("type", "room")}
        self._kinds[INVENTORY] = "inventory"

    def copy(self) -> "World":
        """Return a world that goes on independently."""
        twin = copy.copy(self)
        twin._facts, twin.removed = dict(self._facts), []
        twin._of = {predicate: dict(facts) for predicate, facts in self._of.items()}
        return twin

    def __contains__(self, fact: Fact) -> bool:
        return fact in self._facts

    def add(self, *fact: str) -> None:
        """Make something so; if it was so already, it keeps its place."""
        self._facts.setdefault(fact)
        self._of.setdefault(fact[0], {}).setdefault(fact)

    def remove(self, *fact: str) -> None:
        """Make something not so."""
        self.removed.append(fact)
        if fact in self._facts:
            del self._facts[fact], self._of[fact[0]][fact]

    def list_facts(self, *predicates: str) -> Iterator[Fact]:
        """Yield the facts of some predicates, in order."""
        if len(predicates) == 1:
            return iter([*self._of.get(predicates[0], ())])
        return iter([fact for fact in self._facts if fact[0] in predicates])

    def get_kind(self, name: str) -> str:
        """Return the kind of a room or thing."""
        return self._kinds[name]

    def call(self, name: str) -> str:
        """Name a room or thing as players do."""
        return name_kind(self._kinds[name])

    @property
    def here(self) -> str:
        """The room that the player is in."""
        return next(f[2] for f in self.list_facts("at") if f[1] == PLAYER)

    def find(self, kind: str) -> str | None:
        """Find the room or thing of a kind, one that is here before others.

        A fact `floor(name)` says which of the floors is meant wherever one is.
        """
        if kind == INVENTORY:
            return INVENTORY
        for fact in self.list_facts("floor") if kind == "floor" else ():
            return fact[1]
        all_of = [name for name, its in self._kinds.items() if its == kind]
        here = self.here
        near = [name for name in all_of if ("at", name, here) in self]
        return next(iter(near + all_of), None)

    def is_room(self, name: str) -> bool:
        """Whether it is a room."""
        return self._kinds[name] in ROOMS

    def is_receptacle(self, name: str) -> bool:
        """Whether something can be put there."""
        return name == INVENTORY or self.is_support(name) or self.is_container(name)

    def is_support(self, name: str) -> bool:
        """Whether things lie on it."""
        return ("support", name) in self

    def is_container(self, name: str) -> bool:
        """Whether things lie in it."""
        return name == INVENTORY or ("container", name) in self

    def find_holder(self, thing: str) -> str | None:
        """Find the place where a thing lies; the first one, where there are several."""
        return next((f[2] for f in self.list_facts("on", "in") if f[1] == thing), None)

    def list_carried(self) -> list[str]:
        """List the things that the player has, in the order in which it took them."""
        return [f[1] for f in self.list_facts("in") if f[2] == INVENTORY]

    def list_contents(self, container: str) -> list[str]:
        """List the things on or in something."""
        return [f[1] for f in self.list_facts("on", "in") if f[2] == container]


def make_world(texts: list[str]) -> World:
    """Make the world as it is at the start of an instance.

    Raises:
        ValueError: a text is no fact, or of an unknown kind, or the player is nowhere.
    """
    facts = [parse_fact(text) for text in texts]
    for fact in facts:
        if fact[0] in ("type", "room") and fact[-1] not in ENTITIES | ROOMS:
            raise ValueError(f"there is nothing of the kind '{fact[-1]}'")
    world = World(facts)
    known = {f[1] for f in world.list_facts("type", "room")}
    for fact in world.list_facts("at", "on", "in", "exit"):
        if len(fact) != 3 or not {*fact[1:]} <= {*known, INVENTORY}:
            raise ValueError(f"{fact} is about something of no kind")
    if not any(f[1] == PLAYER for f in world.list_facts("at")):
        raise ValueError("the player is in no room")
    inside = {f[1] for f in world.list_facts("in") if ("closed", f[2]) in world}
    for _, name, kind in world.list_facts("type"):
        if name not in inside and kind not in HIDDEN:
            world.add("accessible", name)
    return world
