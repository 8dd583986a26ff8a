"""The texts of a game's `prompts/` folder."""

import functools
from pathlib import Path

GAMES = Path(__file__).parents[1]


@functools.cache
def read_prompt(game: str, file: str) -> str:
    """Read a text, without the line break at its end.

    Args:
        game: the name of the game's folder in games/.
        file: the file's name in the folder `prompts` there.
    """
    text = (GAMES / game / "prompts" / file).read_text(encoding="utf-8")
    return text.removesuffix("\n")
