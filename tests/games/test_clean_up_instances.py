"""The instances of clean_up: walls, objects, splits."""

import random

import pytest

from games.clean_up import GAME, name_target
from games.clean_up.generator import WALLS, draw_walls, name_grid, read_walls, render
from games.clean_up.master import PENALTIES_AN_OBJECT, ROUNDS_AN_OBJECT
from games.clean_up.rules import EMPTY
from games.contract import Instance
from games.errors import InstanceError
from games.kit.splits import SPLITS, split_of


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_instances_have_their_level_and_number(variant: str) -> None:
    """Walls by level, objects by number, limits by objects, nothing in place."""
    _, level, number, _ = variant.split("_")
    num = int(number.removesuffix("obj"))
    for split in SPLITS:
        for data in GAME.generate(variant, split, 5, random.Random(1)):
            walls = read_walls(data["background"])
            assert len(walls) == WALLS[level]
            assert split_of(name_grid(walls)) == split
            assert data["max_rounds"] == ROUNDS_AN_OBJECT * num
            assert data["max_penalties"] == PENALTIES_AN_OBJECT * num + 2
            pairs = list(zip(data["objects_1"], data["objects_2"], strict=True))
            assert len(pairs) == num
            assert all(one["id"] == other["id"] for one, other in pairs)
            assert all(one["coord"] != other["coord"] for one, other in pairs)


def test_grids_turned_are_one_target() -> None:
    """A grid that is turned is drawn as the same target."""
    walls = draw_walls(20, random.Random(2))
    turned = frozenset((8 - y, x) for x, y in walls)
    assert name_grid(walls) == name_grid(turned)


def test_objects_do_not_matter_to_a_target() -> None:
    """The same grid with objects elsewhere is the same target."""
    (data,) = GAME.generate("0_easy_3obj_en", "train", 1, random.Random(0))
    moved = data | {"objects_1": data["objects_2"], "objects_2": data["objects_1"]}
    one, other = (Instance("clean_up", "", "x", each) for each in (data, moved))
    assert name_target(one) == name_target(other)


def test_walls_join() -> None:
    """Every wall is drawn towards its neighbours, frame included."""
    walls = frozenset([*((x, 3) for x in range(1, 8)), (4, 1), (4, 2)])
    rows = render(walls).split("\n")
    assert rows[0] == "╔═══╤═══╗"
    assert rows[3] == "╟───┴───╢"
    assert rows[4] == f"║{EMPTY * 7}║"
    assert read_walls(render(walls)) == walls


def test_the_generator_is_seeded_and_says_when_it_is_exhausted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same seed gives the same instances; too many of them are an error."""
    variant = "2_hard_5obj_en"
    one, two = (GAME.generate(variant, "test", 4, random.Random(5)) for _ in "ab")
    assert one == two
    monkeypatch.setattr("games.kit.splits.PATIENCE", 2)
    with pytest.raises(InstanceError, match="lower instances"):
        GAME.generate(variant, "test", 1000, random.Random(5))
