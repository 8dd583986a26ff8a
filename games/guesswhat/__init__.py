"""guesswhat: one player finds a word of a list by asking the other yes-or-no."""

from games.contract import Game, Instance
from games.guesswhat.blind import list_replies
from games.guesswhat.clembench import BRIDGE
from games.guesswhat.expert import make_expert
from games.guesswhat.generator import balance, generate, name_answer
from games.guesswhat.master import ANSWERER, SPEC, GuessWhat


def name_target(instance: Instance) -> str:
    """Return the word to be found."""
    return instance.data["target_word"]


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the candidates, to the answerer."""
    return [str(instance.data["candidate_list"])] if role == ANSWERER else []


GAME = Game(
    SPEC,
    GuessWhat,
    generate,
    make_expert,
    name_target,
    list_secrets,
    BRIDGE,
    answer=name_answer,
    balance=balance,
    blind=list_replies,
)
