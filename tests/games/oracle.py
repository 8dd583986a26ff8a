"""What of the original benchmark lies beside the repository, in ../shared.

It is not part of the repository: tests that need it are skipped, with a sentence, where
it is absent.
"""

from pathlib import Path

import pytest

from games.clembench.instances import find_path, read_instances
from games.contract import Instance
from games.errors import InstanceError
from games.registry import GAMES

SHARED = Path(__file__).resolve().parents[3] / "shared"
ORACLE, CHECKOUT = SHARED / "oracle", SHARED / "clembench"
_OF_V3 = {"dond", "clean_up", "air_balloon_survival"}
RECORDED = GAMES.keys() - _OF_V3 - {"hellogame"}
"""Games of which there are recorded episodes."""


def _is_theirs(game: str) -> bool:
    try:
        return find_path(CHECKOUT, game, "v2.0").exists()
    except InstanceError:
        return False


THEIRS = {name for name in GAMES if _is_theirs(name)}
"""Games of which there are instances of clembench's; none without a checkout."""


def original(game: str, version: str = "v2.0") -> list[Instance]:
    """Return clembench's instances of a game; skip the test where there are none."""
    if not CHECKOUT.exists():
        pytest.skip(f"no clembench checkout beside the repository ({CHECKOUT})")
    return read_instances(CHECKOUT, game, version)
