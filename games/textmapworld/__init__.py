"""Three games of walking through a house that is told room by room."""

from games.contract import Game, Instance
from games.textmapworld import clembench
from games.textmapworld.blind import list_replies, list_replies_with_graph
from games.textmapworld.expert import make_expert, make_graph_expert
from games.textmapworld.generator import generate, generate_specificroom
from games.textmapworld.house import name_house, read_house
from games.textmapworld.master import (
    GRAPHREASONING_SPEC,
    SPEC,
    SPECIFICROOM_SPEC,
    GraphReasoning,
    SpecificRoom,
    TextMapWorld,
)


def name_target(instance: Instance) -> str:
    """Return the layout of the house as seen from the start."""
    return name_house(read_house(instance), instance.data["Current_Position"])


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List the rooms that a player has to find out about."""
    data = instance.data
    told = {data["Current_Position"], data.get("Specific_Room")}
    return [room for room in read_house(instance) if room not in told]


GAME = Game(
    SPEC,
    TextMapWorld,
    generate,
    make_expert,
    name_target,
    list_secrets,
    clembench.BRIDGE,
    blind=list_replies,
)
GRAPHREASONING = Game(
    GRAPHREASONING_SPEC,
    GraphReasoning,
    generate,
    make_graph_expert,
    name_target,
    list_secrets,
    clembench.GRAPHREASONING,
    blind=list_replies_with_graph,
)
SPECIFICROOM = Game(
    SPECIFICROOM_SPEC,
    SpecificRoom,
    generate_specificroom,
    make_expert,
    name_target,
    list_secrets,
    clembench.SPECIFICROOM,
    blind=list_replies,
)
