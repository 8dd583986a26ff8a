"""What players of textmapworld can say who draw no map: any direction, or stop."""

from collections.abc import Sequence

from games.contract import Instance, Message
from games.textmapworld.house import STEPS
from games.textmapworld.rules import DONE

_GRAPH = (
    '{{"action": "{}", "graph": {{"nodes": [], "edges": '
    '{{"north": [], "south": [], "east": [], "west": []}}}}}}'
)


def list_replies(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List the command to stop, and a move in each direction."""
    return [DONE, *(f"GO: {direction}" for direction in STEPS)]


def list_replies_with_graph(
    instance: Instance, role: str, messages: Sequence[Message]
) -> Sequence[str]:
    """List the same commands, each with a drawing of nothing."""
    commands = list_replies(instance, role, messages)
    return [_GRAPH.format(command) for command in commands]
