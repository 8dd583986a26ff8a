"""codenames: one-word clues lead a partner to the team's words on a shared board."""

from games.codenames.blind import list_replies
from games.codenames.clembench import BRIDGE
from games.codenames.expert import make_expert
from games.codenames.generator import generate
from games.codenames.master import GUESSER, SPEC, Codenames
from games.contract import Game, Instance


def name_target(instance: Instance) -> str:
    """Return the board, whatever its order."""
    return " ".join(sorted(instance.data["board"]))


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: who owns which words, to the guesser."""
    if role != GUESSER:
        return []
    owned = instance.data["assignments"].values()
    return [", ".join(words) for words in owned if len(words) > 1]


GAME = Game(
    SPEC,
    Codenames,
    generate,
    make_expert,
    name_target,
    list_secrets,
    BRIDGE,
    blind=list_replies,
)
