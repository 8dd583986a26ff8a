"""Facts about hellogame: form, words, contexts, names."""

import math
import random

import pytest

from games.contract import GameMaster, Instance
from games.errors import InstanceError
from games.hellogame import GAME
from tests.games.playing import play, take_notes


def played(reply: str, **changes: str) -> GameMaster:
    """Return a master that has been given one reply."""
    data = {"target_name": "Zador"} | changes
    return play(Instance("hellogame", "greet_en", "x", data), reply)


@pytest.mark.parametrize(
    ("reply", "outcome", "score"),
    [
        ("GREET: Hello and welcome, Zador!", "success", 100),
        ("GREET:WELCOME... zador? HELLO", "success", 100),
        ("GREET: hel-lo, welcome Zadora", "success", 100),
        ("GREET: Hello, Zador!", "lose", 0),
        ("GREET: Hello and welcome!", "lose", 0),
        ("GREET:", "lose", 0),
        ("Greet: Hello and welcome, Zador!", "aborted", math.nan),
        ("Hello and welcome, Zador!", "aborted", math.nan),
        ("", "aborted", math.nan),
    ],
)
def test_replies_are_judged(reply: str, outcome: str, score: float) -> None:
    """The tag decides on the form, two words and the name on success."""
    master = played(reply)
    assert master.outcome == outcome
    assert master.main_score == pytest.approx(score, nan_ok=True)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("GREET: Hello and welcome, Zador!", "correct greeting"),
        ("GREET: Hello!", "incomplete greeting"),
        ("Hello!", "invalid format"),
    ],
)
def test_the_end_is_noted(reply: str, kind: str) -> None:
    """The referee notes how the one greeting was judged."""
    (note,) = take_notes(played(reply))
    assert (note.round, note.kind) == (0, kind)


def test_a_name_is_compared_without_its_punctuation() -> None:
    """A reply loses its punctuation, so the name has to as well."""
    assert (
        played("GREET: hello, welcome O'Neil", target_name="O'Neil").main_score == 100
    )


def test_contexts() -> None:
    """An instance's own prompt comes before ours."""
    ours = GAME.master(Instance("hellogame", "greet_en", "x", {"target_name": "Zador"}))
    assert ours.observe().startswith("Greet Zador.")
    data = {"target_name": "Zador", "prompt": "Say hi"}
    assert (
        GAME.master(Instance("hellogame", "greet_en", "x", data)).observe() == "Say hi"
    )


def test_generator_says_when_it_is_exhausted() -> None:
    """Every split has enough names for every preset, and says so where it has not."""
    for split, num in {"train": 90, "validation": 12, "test": 60}.items():
        data = GAME.generate("greet_en", split, num, random.Random(0))
        assert len({one["target_name"] for one in data}) == num
    with pytest.raises(InstanceError, match="lower instances"):
        GAME.generate("greet_en", "test", 1000, random.Random(0))
