"""The games of the study, one line each."""

from games import (
    adventuregame,
    air_balloon_survival,
    clean_up,
    codenames,
    dond,
    guesswhat,
    hellogame,
    imagegame,
    matchit_ascii,
    privateshared,
    referencegame,
    taboo,
    textmapworld,
    wordle,
)
from games.contract import Game
from games.errors import ParamsError

GAMES: dict[str, Game] = {
    "taboo": taboo.GAME,
    "imagegame": imagegame.GAME,
    "referencegame": referencegame.GAME,
    **wordle.GAMES,
    "privateshared": privateshared.GAME,
    "guesswhat": guesswhat.GAME,
    "codenames": codenames.GAME,
    "matchit_ascii": matchit_ascii.GAME,
    "textmapworld": textmapworld.GAME,
    "textmapworld_graphreasoning": textmapworld.GRAPHREASONING,
    "textmapworld_specificroom": textmapworld.SPECIFICROOM,
    "adventuregame": adventuregame.GAME,
    "air_balloon_survival": air_balloon_survival.GAME,
    "dond": dond.GAME,
    "clean_up": clean_up.GAME,
    "hellogame": hellogame.GAME,
}


def get_game(name: str) -> Game:
    """Return a game by its name.

    Raises:
        ParamsError: there is no such game.
    """
    if name not in GAMES:
        raise ParamsError(f"no game is called '{name}': choose from {', '.join(GAMES)}")
    return GAMES[name]
