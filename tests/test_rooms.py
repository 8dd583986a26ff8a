"""The drawing in docs/architecture.md shows what imports what."""

import re
from collections import defaultdict
from pathlib import Path

from games.code import imports_of
from games.registry import GAMES

ROOT = Path(__file__).parents[1]
DRAWING = re.compile(r"<!-- rooms -->\n```\n(.*?)```", re.DOTALL)
PLAYED = {game.master.__module__.split(".")[1] for game in GAMES.values()}
CORE = ("contract", "events", "bridge", "session", "scoring", "errors")


def room_of(module: str) -> str | None:
    """Name the room that a module is in; None if it is none of ours."""
    top, *rest = module.split(".")
    if top not in ("games", "pipeline", "stages") or not rest:
        return None
    name = rest[0]
    if top == "games":
        if name in PLAYED:
            return "games.GAME"
        return "games.contract" if name in CORE else f"games.{name}"
    return f"{top}.{name}"


def find_imports() -> dict[str, set[str]]:
    """Collect for each room the rooms that it imports from."""
    found: dict[str, set[str]] = defaultdict(set)
    for top in ("games", "pipeline", "stages"):
        for path in (ROOT / top).rglob("*.py"):
            here = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
            if here is None:
                continue
            rooms = {room_of(name) for name in imports_of(path)} - {None, here}
            found[here] |= {room for room in rooms if room}
    return {room: rooms for room, rooms in found.items() if not room.endswith("__")}


def draw() -> str:
    """Write a line a room: its name, and what it imports besides the errors."""
    lines = []
    for room, rooms in sorted(find_imports().items()):
        lines.append(f"{room:22} <- {' '.join(sorted(rooms)) or '-'}")
    return "\n".join(lines) + "\n"


def test_the_drawing_is_what_the_code_imports() -> None:
    """Who moves a room, or lets it import another, draws it anew."""
    shown = DRAWING.search((ROOT / "docs/architecture.md").read_text())
    assert shown is not None
    assert shown[1] == draw(), f"the drawing should be:\n{draw()}"
