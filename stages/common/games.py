"""The code of the study's games, by content: what an episode depends on.

`data/games/code.json` is written by the stage `games`; whoever plays confirms first
that the code at hand is the code named there.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import games
from games.errors import ArtifactError
from stages.common.files import DATA, missing

CODE = DATA / "games" / "code.json"
_FOLDER = Path(games.__file__).parent
_PLAYS_NOTHING = {"registry.py", "conformance.py", "transcript.py"}
_SHARED = "shared"


def code_of(names: Sequence[str]) -> dict[str, str]:
    """Return a hash of what all games share, and of each named game's own folder."""
    shared = [p for p in _FOLDER.glob("*.py") if p.name not in _PLAYS_NOTHING]
    shared += (_FOLDER / "lexicon").rglob("*")
    own = {name: (_FOLDER / name).rglob("*") for name in names}
    return {name: _digest(files) for name, files in {_SHARED: shared, **own}.items()}


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
    edited = [name for name in now if now[name] != seen.get(name)]
    if edited:
        what = "games/" if edited[0] == _SHARED else f"games/{edited[0]}"
        raise ArtifactError(
            f"{what} was edited after the stage `games` had run: run again, "
            "and what depends on it is made anew"
        )


def _digest(paths: Iterable[Path]) -> str:
    """Return a hash of code and data by name and content; READMEs do not play."""
    digest = hashlib.sha256()
    for path in sorted(p for p in paths if p.is_file()):
        if path.suffix not in {".md", ".pyc"}:
            digest.update(path.relative_to(_FOLDER).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
