"""Taboo: one player describes a word without saying it, the other guesses it."""

from games.contract import Game, Instance
from games.taboo.blind import list_replies
from games.taboo.clembench import BRIDGE
from games.taboo.expert import make_expert
from games.taboo.generator import generate
from games.taboo.master import SPEC, Taboo


def name_target(instance: Instance) -> str:
    """Return the word to be guessed."""
    return instance.data["target_word"]


GAME = Game(
    SPEC, Taboo, generate, make_expert, name_target, bridge=BRIDGE, blind=list_replies
)
