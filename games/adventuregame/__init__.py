"""adventuregame: bring three things to their places in a house, by commands."""

from games.adventuregame.blind import list_replies
from games.adventuregame.clembench import BRIDGE
from games.adventuregame.expert import make_expert
from games.adventuregame.generator import generate, name_task
from games.adventuregame.master import SPEC, AdventureGame
from games.adventuregame.world import make_world
from games.contract import Game, Instance


def name_target(instance: Instance) -> str:
    """Return the task: passages, start, goals, and where their things are."""
    return name_task(instance.data)


def list_secrets(instance: Instance, role: str) -> list[str]:
    """Return the rooms that cannot be seen from the start."""
    world = make_world(instance.data["initial_state"])
    near = {f[2] for f in world.list_facts("exit") if f[1] == world.here}
    rooms = [f[1] for f in world.list_facts("room")]
    return [world.call(room) for room in rooms if room not in {*near, world.here}]


GAME = Game(
    SPEC,
    AdventureGame,
    generate,
    make_expert,
    name_target,
    list_secrets,
    BRIDGE,
    blind=list_replies,
)
