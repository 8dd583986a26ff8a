"""Facts about splits: every target has one, and instances are drawn from one."""

import random
from itertools import count

import pytest

from games.errors import InstanceError
from games.kit.splits import SPLITS, draw_different, sample, split_of


def test_a_target_belongs_to_one_split_for_ever() -> None:
    """By its hash: three in five to train, and never to another one later."""
    owners = [split_of(str(number)) for number in range(10000)]
    shares = [owners.count(split) / len(owners) for split in SPLITS]
    assert shares == pytest.approx([0.6, 0.2, 0.2], abs=0.02)
    assert [split_of(word) for word in ("river", "stone", "cloud")] == [
        "train",
        "test",
        "train",
    ]


def test_draws_are_different_and_of_one_split() -> None:
    """In the order in which they came; None and what is there already are left out."""
    numbers = count()

    def draw() -> str | None:
        number = next(numbers)
        return None if number % 3 == 0 else str(number // 2)

    drawn = draw_different(draw, str, 20, what="numbers", split="test")
    assert len(set(drawn)) == 20
    assert drawn == sorted(drawn, key=int)
    assert {split_of(number) for number in drawn} == {"test"}


def test_a_used_up_split_is_a_sentence() -> None:
    """Both ways of choosing say what there is and where to ask for fewer."""
    there_is = "only about 1 words for train, not 2: lower instances.train in params"
    with pytest.raises(InstanceError, match=there_is):
        draw_different(lambda: "river", str, 2, what="words", split="train")
    with pytest.raises(InstanceError, match="there are 1 words for test, not 2"):
        sample(["stone"], 2, random.Random(0), what="words", split="test")
    with pytest.raises(InstanceError, match="only about 0"):
        draw_different(lambda: None, str, 1, what="words", split="train")
