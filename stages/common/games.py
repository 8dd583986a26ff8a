"""The code of the study's games, as an artifact.

`data/games/held_in.json` and `held_out.json` are written by the stage `games`; whoever
plays confirms first that the code at hand is the code named there. Whoever reads
clembench's instances confirms `held_in-bridges.json`, which counts how that is done.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from games.code import hash_code
from games.errors import ArtifactError
from stages.common.files import DATA, explain_missing


def locate_code(part: str, *, bridges: bool = False) -> Path:
    """Name the file of a part of the study's games: held_in or held_out."""
    return DATA / "games" / f"{part}{'-bridges' if bridges else ''}.json"


def confirm_code(part: str, games: Sequence[str], *, bridges: bool = False) -> None:
    """Make sure that the code of the named games is what the stage `games` saw.

    Args:
        part: held_in or held_out.
        games: of that part.
        bridges: whether the bridges to clembench count.

    Raises:
        ArtifactError: the stage has not run, or the code was edited since.
    """
    path = locate_code(part, bridges=bridges)
    try:
        seen = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise explain_missing(path) from error
    except ValueError as error:
        raise ArtifactError(f"{path} is damaged: delete it and run again") from error
    now = hash_code(games, bridges=bridges)
    edited = [name for name in games if now[name] != seen.get(name)]
    if edited:
        raise ArtifactError(
            f"the code of {', '.join(edited)} was edited after the stage `games` had "
            "run: run again, and what depends on it is made anew"
        )
