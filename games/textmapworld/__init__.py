"""Three games of walking through a house that is told room by room."""

from games.contract import Game, Instance
from games.textmapworld import clembench
from games.textmapworld.expert import expert, graph_expert
from games.textmapworld.generator import generate, generate_specificroom
from games.textmapworld.house import house_of, target_of
from games.textmapworld.master import (
    GRAPHREASONING_SPEC,
    SPEC,
    SPECIFICROOM_SPEC,
    GraphReasoning,
    SpecificRoom,
    TextMapWorld,
)


def target(instance: Instance) -> str:
    """Return the layout of the house as seen from the start."""
    return target_of(house_of(instance), instance.data["Current_Position"])


def secrets(instance: Instance, role: str) -> list[str]:
    """Return the rooms that a player has to find out about."""
    data = instance.data
    told = {data["Current_Position"], data.get("Specific_Room")}
    return [room for room in house_of(instance) if room not in told]


GAME = Game(SPEC, TextMapWorld, generate, expert, target, secrets, clembench.BRIDGE)
GRAPHREASONING = Game(
    GRAPHREASONING_SPEC,
    GraphReasoning,
    generate,
    graph_expert,
    target,
    secrets,
    clembench.GRAPHREASONING,
)
SPECIFICROOM = Game(
    SPECIFICROOM_SPEC,
    SpecificRoom,
    generate_specificroom,
    expert,
    target,
    secrets,
    clembench.SPECIFICROOM,
)
