"""The code of the study's games, as an artifact.

`data/games/code.json` is written by the stage `games`; whoever plays confirms first
that the code at hand is the code named there.
"""

import json
from collections.abc import Sequence

from games.code import code_of
from games.errors import ArtifactError
from stages.common.files import DATA, missing

CODE = DATA / "games" / "code.json"


def confirm_code(names: Sequence[str]) -> None:
    """Make sure that the code of the named games is what the stage `games` saw.

    Raises:
        ArtifactError: the stage has not run, or the code was edited since.
    """
    try:
        seen = json.loads(CODE.read_text())
    except FileNotFoundError as error:
        raise missing(CODE) from error
    except ValueError as error:
        raise ArtifactError(f"{CODE} is damaged: delete it and run again") from error
    now = code_of(names)
    edited = [name for name in names if now[name] != seen.get(name)]
    if edited:
        raise ArtifactError(
            f"the code of {', '.join(edited)} was edited after the stage `games` had "
            "run: run again, and what depends on it is made anew"
        )
