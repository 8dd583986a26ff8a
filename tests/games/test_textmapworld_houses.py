"""Facts about the houses of textmapworld: what is refused, what is generated."""

import random
from typing import Any

import pytest

from games.contract import Instance
from games.errors import InstanceError
from games.kit.splits import SPLITS, split_of
from games.textmapworld import list_secrets, name_target
from games.textmapworld.generator import HOUSES, generate, read_names
from games.textmapworld.house import (
    list_edges,
    measure_distances,
    name_layout,
    read_house,
)
from tests.games.test_textmapworld import MOVES, played


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Moves": "[1, 2"}, "no list of rooms"),
        ({"Moves": "open('x')"}, "no list of rooms"),
        ({"Moves": [{"node": "Den"}]}, "no list of rooms"),
        ({"Moves": [{"node": 1, "node_moves": []}]}, "no list of rooms"),
        ({"Moves": [{"node": "Den", "node_moves": []}]}, "needs 2 to 16 rooms"),
        ({"Current_Position": "Moon"}, "needs 2 to 16 rooms"),
        ({"Moves": MOVES[:3]}, "with a door back"),
        ({"Moves": [*MOVES, {"node": "Attic", "node_moves": []}]}, "be reached"),
    ],
)
def test_bad_instances_are_refused(changes: dict[str, Any], said: str) -> None:
    """A house that cannot be read or walked is an error in a sentence."""
    with pytest.raises(InstanceError, match=said):
        played(**changes)


def test_there_are_forty_names() -> None:
    """Rooms have 40 different names."""
    assert len(set(read_names())) == len(read_names()) == 40


@pytest.mark.parametrize("variant", HOUSES)
@pytest.mark.parametrize("split", SPLITS)
def test_houses_have_the_shape_of_their_variant(variant: str, split: str) -> None:
    """Rooms, cycles and splits are as declared; 4 by 4 cells are enough."""
    num_rooms, cyclic = HOUSES[variant]
    instances = [
        Instance("textmapworld", variant, "x", data)
        for data in generate(variant, split, 20, random.Random(3))
    ]
    assert len(set(map(name_target, instances))) == 20
    for instance in instances:
        house = read_house(instance)
        assert split_of(name_target(instance)) == split
        assert len(house) == num_rooms
        assert (len(list_edges(house)) >= num_rooms) is cyclic
        assert set(house) <= set(read_names())
        start = instance.data["Current_Position"]
        assert max(measure_distances(house, start).values()) < num_rooms


def test_layouts_are_seen_from_the_start() -> None:
    """Other names are the same layout, another start is not."""
    house = read_house(played().instance)
    upper = {
        room.upper(): {way: other.upper() for way, other in doors.items()}
        for room, doors in house.items()
    }
    assert (
        name_layout(house, "Den")
        == name_layout(upper, "DEN")
        == "0,0-1,0 1,0-1,1 1,0-2,0"
    )
    assert name_layout(house, "Den") != name_layout(house, "Loft")


def test_generator_is_deterministic_and_says_when_it_is_exhausted() -> None:
    """The same seed gives the same instances; too many of them are an error."""
    one, two = (generate("large", "train", 9, random.Random(5)) for _ in "ab")
    assert one == two
    with pytest.raises(InstanceError, match="lower instances"):
        generate("medium_cycle", "test", 10_000, random.Random(5))


def test_secrets_are_the_rooms_to_be_found() -> None:
    """What the prompt does not tell: every room but the start."""
    assert list_secrets(played().instance, "guesser") == ["Hall", "Bath", "Loft"]
