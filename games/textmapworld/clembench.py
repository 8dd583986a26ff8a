"""The three games in clembench's words."""

from dataclasses import replace

from games.contract import LEGACY

BRIDGE = replace(LEGACY, folder="textmapworld/textmapworld_main")
GRAPHREASONING = replace(LEGACY, folder="textmapworld/textmapworld_graphreasoning")
SPECIFICROOM = replace(LEGACY, folder="textmapworld/textmapworld_specificroom")
