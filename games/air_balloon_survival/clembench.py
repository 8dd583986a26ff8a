"""air_balloon_survival in clembench's words."""

from dataclasses import replace

from games.contract import LEGACY

BRIDGE = replace(LEGACY, their_name="hot_air_balloon")
