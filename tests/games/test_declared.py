"""What a game declares is what clembench has, and what its README says."""

import inspect
import re
from pathlib import Path

import pytest

from games.contract import Game, GameSpec
from games.registry import GAMES
from tests.games.oracle import THEIRS, original

PREFIX = "air_balloon_survival_en_"
"""Of clembench's names of that game's experiments; ours have none."""
ROWS = ("roles", "variants", "instance", "main score", "ends")


def readme(game: Game) -> str:
    """Return the README of a game's folder."""
    return Path(inspect.getfile(game.master)).with_name("README.md").read_text()


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_variants_are_clembench_s_experiments(name: str) -> None:
    """Levels of difficulty match in kind and number."""
    theirs = {
        one.variant.removeprefix(PREFIX).replace(" ", "_") for one in original(name)
    }
    assert set(GAMES[name].spec.variants) == theirs


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_a_game_never_imports_another_game(game: Game) -> None:
    """What games share stands beside their folders, not in one of them."""
    own = Path(inspect.getfile(game.master)).parent.name
    others = {inspect.getmodule(other.master).__package__ for other in GAMES.values()}
    for file in Path(inspect.getfile(game.master)).parent.rglob("*.py"):
        found = re.findall(r"^\s*(?:from|import) (games\.\w+)", file.read_text(), re.M)
        assert others.isdisjoint({*found} - {f"games.{own}"}), file


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_every_readme_has_a_table_of_the_spec(game: Game) -> None:
    """Roles, variants, instances, score and ends each have a row."""
    text = readme(game)
    rows = re.findall(r"^\| ([\w ]+)", text, re.MULTILINE)
    for row in ROWS:
        assert any(found.startswith(row) for found in rows), f"no row '{row}'"
    for role in game.spec.roles:
        assert f"`{role}`" in text, f"the README does not name the role {role}"


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_every_readme_has_the_history_of_the_version(game: Game) -> None:
    """Its last entry is the version that the game declares."""
    history = readme(game).partition("\n## Versions\n")[2]
    versions = re.findall(r"^(\d+)\. .", history, re.MULTILINE)
    assert versions == [str(n) for n in range(1, game.spec.version + 1)]


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_every_readme_tells_the_rules(game: Game) -> None:
    """Each version of clembench's rules that can be played is named."""
    if game.spec.rules != GameSpec.rules:
        assert all(f"`{rules}`" in readme(game) for rules in game.spec.rules)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES.keys())
def test_a_game_has_tests_of_its_own(game: Game) -> None:
    """Conformance says that a game can be played, not that its rules are right."""
    folder = Path(inspect.getfile(game.master)).parent.name
    assert (Path(__file__).parent / f"test_{folder}.py").exists()
