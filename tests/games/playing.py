"""Episodes of given replies, and what clembench's files say of them."""

from typing import Any

from games.bridge import Note
from games.contract import GameMaster, Instance
from games.registry import get_game


def play(instance: Instance, *replies: str) -> GameMaster:
    """Give replies to a new master of an instance, each once it has been asked for."""
    master = get_game(instance.game).master(instance)
    for reply in replies:
        assert master.role is not None, f"ended before {reply!r}"
        master.observe()
        master.step(reply)
    return master


def take_notes(master: GameMaster) -> list[Note]:
    """Word what a master noticed as clembench does."""
    return get_game(master.spec.name).bridge.take_notes(master)


def score_episode(master: GameMaster) -> dict[str, Any]:
    """Score an episode as clembench does, but for its main score."""
    return get_game(master.spec.name).bridge.score_episode(master)


def score_turns(master: GameMaster) -> dict[str, dict[str, Any]]:
    """Score the rounds of an episode as clembench does."""
    return get_game(master.spec.name).bridge.score_turns(master)


def list_keys(master: GameMaster) -> dict[str, Any]:
    """List what clembench's scorer reads beside the turns of a transcript."""
    return get_game(master.spec.name).bridge.list_keys(master)
