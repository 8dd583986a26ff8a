"""wordle, alone, with a clue, and with a clue and a critic: find a five-letter word."""

from games.contract import Game, Instance
from games.wordle import clembench
from games.wordle.blind import list_replies
from games.wordle.expert import make_expert
from games.wordle.generator import generate
from games.wordle.master import (
    GUESSER,
    WITH_CLUE,
    WITH_CRITIC,
    WORDLE,
    Wordle,
    WordleWithClue,
    WordleWithCritic,
)


def name_target(instance: Instance) -> str:
    """Return the word to be found."""
    return instance.data["target_word"]


def list_secrets(instance: Instance, role: str) -> list[str]:
    """List what a role must not be shown: the word, to the guesser."""
    return [name_target(instance)] if role == GUESSER else []


GAMES = {
    spec.name: Game(
        spec,
        master,
        generate,
        make_expert,
        name_target,
        list_secrets,
        bridge,
        blind=list_replies,
    )
    for spec, master, bridge in (
        (WORDLE, Wordle, clembench.BRIDGE),
        (WITH_CLUE, WordleWithClue, clembench.WITH_CLUE),
        (WITH_CRITIC, WordleWithCritic, clembench.WITH_CRITIC),
    )
}
