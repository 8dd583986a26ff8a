"""adventuregame: bring three things to their places in a house, by commands."""

from games.adventuregame.clembench import BRIDGE
from games.adventuregame.expert import expert
from games.adventuregame.generator import generate, target_of
from games.adventuregame.master import SPEC, AdventureGame
from games.adventuregame.world import world_of
from games.contract import Game, Instance


def target(instance: Instance) -> str:
    """Return the task: passages, start, goals, and where their things are."""
    return target_of(instance.data)


def secrets(instance: Instance, role: str) -> list[str]:
    """Return the rooms that cannot be seen from the start."""
    world = world_of(instance.data["initial_state"])
    near = {f[2] for f in world.about("exit") if f[1] == world.here}
    rooms = [f[1] for f in world.about("room")]
    return [world.call(room) for room in rooms if room not in {*near, world.here}]


GAME = Game(SPEC, AdventureGame, generate, expert, target, secrets, BRIDGE)
