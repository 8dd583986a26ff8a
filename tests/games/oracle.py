"""What of the original benchmark lies beside the repository, in ../shared.

It is not part of the repository: tests that need it are skipped, with a sentence, where
it is absent.
"""

from pathlib import Path

import pytest

from games.clembench import instances
from games.contract import Instance
from games.registry import GAMES

SHARED = Path(__file__).resolve().parents[3] / "shared"
ORACLE, CHECKOUT = SHARED / "oracle", SHARED / "clembench"
_OF_V3 = {"dond", "clean_up", "air_balloon_survival"}
RECORDED = GAMES.keys() - _OF_V3 - {"hellogame"}
"""Games of which there are recorded episodes."""


def original(game: str, version: str = "v2.0") -> list[Instance]:
    """Return clembench's instances of a game; skip the test where there are none."""
    if not CHECKOUT.exists():
        pytest.skip(f"no clembench checkout beside the repository ({CHECKOUT})")
    return instances(CHECKOUT, game, version)
