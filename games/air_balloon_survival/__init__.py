"""air_balloon_survival: two players agree on which items a sinking balloon keeps."""

from games.air_balloon_survival.blind import list_replies
from games.air_balloon_survival.clembench import BRIDGE
from games.air_balloon_survival.expert import make_expert
from games.air_balloon_survival.generator import generate, name_puzzle
from games.air_balloon_survival.instance import VALUES, join_numbers
from games.air_balloon_survival.master import SPEC, AirBalloonSurvival
from games.contract import Game, Instance


def name_target(instance: Instance) -> str:
    """Return all weights and values, whatever the items are called."""
    return name_puzzle(instance.data)


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the other's values, unless they are its."""
    own = instance.data[VALUES[role]]
    values = (instance.data[name] for name in VALUES.values())
    return [join_numbers(numbers) for numbers in values if numbers != own]


GAME = Game(
    SPEC,
    AirBalloonSurvival,
    generate,
    make_expert,
    name_target,
    list_secrets,
    BRIDGE,
    blind=list_replies,
)
