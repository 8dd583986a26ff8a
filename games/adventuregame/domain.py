"""The home domain: what rooms and things there are, and what they are called.

The names of kinds and facts are clembench's, so that its instances can be read.
"""

ROOMS = {
    "kitchen": "kitchen",
    "pantry": "pantry",
    "hallway": "hallway",
    "livingroom": "living room",
    "broomcloset": "broom closet",
    "bedroom": "bedroom",
}
"""Kinds of rooms -> what a player calls them."""

SUPPORTS = ("table", "sidetable", "counter", "shelf", "chair", "bed", "couch")
CONTAINERS = ("refrigerator", "cupboard", "wardrobe", "freezer")
"""All containers can be opened and closed."""
PORTABLE = (
    "pottedplant",
    "broom",
    "mop",
    "sandwich",
    "apple",
    "banana",
    "orange",
    "peach",
    "plate",
    "book",
    "pillow",
)
HIDDEN = ("player", "inventory", "floor")
"""Kinds that a room's description does not list, and that cannot be examined."""
_OTHERWISE = {"player": "you", "sidetable": "side table", "pottedplant": "potted plant"}
ENTITIES = {
    kind: _OTHERWISE.get(kind, kind)
    for kind in (*HIDDEN, *SUPPORTS, *CONTAINERS, *PORTABLE)
}
"""Kinds of things -> what a player calls them."""

KINDS = {surface: kind for kind, surface in (ENTITIES | ROOMS).items()}
"""What a player calls something -> its kind."""

ADJECTIVES = (
    *("wooden", "metal", "low", "high", "small", "large", "fancy", "deep", "comfy"),
    *("padded", "ripe", "jelly", "fresh", "ceramic", "glass", "old", "thin", "down"),
)
"""May stand before any noun, and mean nothing."""


def name_kind(kind: str) -> str:
    """Name a kind of room or thing as players do."""
    return ROOMS.get(kind) or ENTITIES[kind]


def join_names(surfaces: list[str]) -> str:
    """Join names as "a x, a y and a z"; the article is always "a"."""
    *first, last = (f"a {surface}" for surface in surfaces)
    return f"{', '.join(first)} and {last}" if first else last


def say_there_are(surfaces: list[str]) -> str:
    """Write "There is a x" or "There are a x and a y"."""
    return f"There {'is' if len(surfaces) == 1 else 'are'} {join_names(surfaces)}"
