"""Judging again: by what was said, under the same rules or others, without a model."""

import math
from dataclasses import replace

import pytest

from games.clembench.rescore import change_rules, has_same_end, rescore
from games.contract import Game, GameMaster, GameSpec, Instance, Kind, Outcome
from games.registry import GAMES
from games.session import Episode, Session, Turn

INSTANCE = Instance("counting", "plain", "plain-1", {})


class Counting(GameMaster):
    """Two count by turns up to 4; under v3 only up to 2, under v4 up to 6."""

    spec = GameSpec(
        name="counting",
        version=1,
        roles=("odd", "even"),
        max_turns=6,
        variants=("plain",),
        max_reply_tokens=2,
        fields={},
        rules=("v2", "v3", "v4"),
    )

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        self._number = 0

    def list_opening(self, role: str) -> list[tuple[str, str]]:
        """Return what the odd one has agreed to."""
        return [("Count.", "Ok.")] if role == "odd" else []

    def observe(self) -> str:
        """Return the number so far."""
        return f"{self.rules}: {self._number}"

    def step(self, reply: str) -> None:
        """Count on."""
        self._number += 1
        if reply != str(self._number):
            self.abort()
        elif self._number == {"v2": 4, "v3": 2, "v4": 6}[self.rules]:
            self.end(Outcome.SUCCESS, f"by {self.rules}")
        else:
            self.role = "odd" if self.role == "even" else "even"

    @property
    def main_score(self) -> float:
        """How far they came."""
        return self.score_or_nan(self._number)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Episode:
    """Add the game for one test; return an episode of it."""
    game = Game(
        Counting.spec,
        Counting,
        lambda *_: [],
        lambda *_: None,
        lambda _: "",
        blind=lambda *_: None,
    )
    monkeypatch.setitem(GAMES, "counting", game)
    session = Session(game, INSTANCE, {"odd": "a", "even": "b"}, sample=1, seed=9)
    for number in range(1, 5):
        session.reply(str(number), [number], [-0.5])
    return session.episode()


def test_the_same_rules_give_the_same_episode(counted: Episode) -> None:
    """Judged again by its own rules, an episode is what it was, token ids and all."""
    assert rescore(counted, INSTANCE) == counted


def test_rules_that_end_earlier_cut_the_rest(counted: Episode) -> None:
    """What was said after the end is gone; what is kept stays as the players saw it."""
    again = rescore(counted, change_rules(INSTANCE, "v3"))
    assert again.turns == counted.turns[:3]
    assert again.turns[0].kind == Kind.GIVEN
    assert (again.main_score, again.reason, again.ended_by) == (2, "by v3", "even")


def test_rules_that_want_more_decide_nothing(counted: Episode) -> None:
    """Where more had to be said, there is no outcome."""
    assert rescore(counted, change_rules(INSTANCE, "v4")) is None


def test_who_else_would_have_to_speak_decides_nothing(counted: Episode) -> None:
    """Where another role had to reply, what was said cannot be judged."""
    turns = [*counted.turns[:2], Turn("odd", "", "2")]
    assert rescore(replace(counted, turns=turns), INSTANCE) is None


def test_rules_that_a_game_lacks_are_not_asked_for(counted: Episode) -> None:
    """An instance is played by other rules only if its game has them."""
    assert change_rules(INSTANCE, "v1") == INSTANCE
    assert change_rules(INSTANCE, "v3").data == {"rules": "v3"}
    assert INSTANCE.data == {}


def test_ends_are_the_same_by_outcome_and_score(counted: Episode) -> None:
    """Undefined scores of aborted episodes are the same."""
    aborted = replace(counted, outcome="aborted", main_score=math.nan)
    assert has_same_end(counted, replace(counted, reason="?", turns=[]))
    assert has_same_end(aborted, aborted)
    assert not has_same_end(counted, aborted)
    assert not has_same_end(counted, replace(counted, main_score=3))
    assert not has_same_end(counted, None)
