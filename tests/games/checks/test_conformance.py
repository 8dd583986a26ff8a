"""Every game keeps the contract, and none lacks a golden playthrough."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from games.bridge import Bridge, Wording
from games.checks.conformance import (
    check_forks,
    check_game,
    check_hostile_replies,
    check_transcripts,
    make_instances,
    render_playthrough,
)
from games.contract import Game, GameMaster, Instance, Outcome
from games.errors import ParamsError, StudyError
from games.events import Event, Malformed
from games.hellogame import GAME as HELLOGAME
from games.imagegame import GAME as IMAGEGAME
from games.registry import GAMES, get_game

PLAYTHROUGHS = Path(__file__).parents[1] / "playthroughs"
REWRITE = (
    "if this is meant, run `python -m games.checks.conformance --write-playthroughs`"
)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_every_game_conforms(game: Game) -> None:
    """Seeded, forkable, total, secret-keeping: see games.checks.conformance."""
    check_game(game)


@pytest.mark.parametrize(
    ("name", "rules"),
    [(name, rules) for name, game in GAMES.items() for rules in game.spec.rules[1:]],
)
def test_every_game_conforms_by_all_its_rules(name: str, rules: str) -> None:
    """A game keeps the contract by each of the rules that it can be played by."""
    game = GAMES[name]

    def generate(*wanted: Any) -> list[dict[str, Any]]:
        return [data | {"rules": rules} for data in game.generate(*wanted)]

    check_game(dataclasses.replace(game, generate=generate))


@pytest.mark.parametrize("name", GAMES)
def test_playthroughs_have_not_changed(name: str) -> None:
    """Every game has a golden playthrough, and plays it today as it did then."""
    path = PLAYTHROUGHS / f"{name}.txt"
    assert path.exists(), f"{name} has no playthrough: {REWRITE}"
    golden = path.read_text(encoding="utf-8")
    assert render_playthrough(GAMES[name]).split("\n") == golden.split("\n"), REWRITE


def test_every_playthrough_has_its_game() -> None:
    """No playthrough is left over from a game that is gone."""
    assert sorted(path.stem for path in PLAYTHROUGHS.glob("*.txt")) == sorted(GAMES)


def test_games_are_registered_under_their_own_names() -> None:
    """One name everywhere: the registry's key is the spec's name."""
    assert [game.spec.name for game in GAMES.values()] == list(GAMES)


def test_an_unknown_game_is_a_sentence() -> None:
    """The error names the games there are."""
    with pytest.raises(ParamsError, match="taboo, imagegame"):
        get_game("chess")


def test_a_game_of_ones_own_conforms_by_one_call() -> None:
    """It need not be registered, and is not registered afterwards."""
    spec = dataclasses.replace(HELLOGAME.spec, name="welcome")

    class Welcome(HELLOGAME.master):
        pass

    Welcome.spec = spec
    names = list(GAMES)

    check_game(dataclasses.replace(HELLOGAME, spec=spec, master=Welcome))

    assert list(GAMES) == names


def test_a_game_that_no_transcript_restores_is_caught() -> None:
    """What a referee ends otherwise when it hears it again does not conform."""
    heard: list[str] = []

    class Forgetful(HELLOGAME.master):
        def step(self, reply: str) -> None:
            super().step(reply)
            heard.append(reply)
            self.outcome = Outcome.LOSE if len(heard) % 2 else self.outcome

    game = dataclasses.replace(HELLOGAME, master=Forgetful)
    (instance, *_) = make_instances(game, "test", seed=0)
    with pytest.raises(StudyError, match="do not end this episode"):
        check_transcripts(game, instance, seed=0)


def test_a_leaking_game_is_caught() -> None:
    """A game whose follower is shown the target does not conform."""

    def secrets(instance: Instance, role: str) -> list[str]:
        return ["empty"]

    with pytest.raises(AssertionError, match="is told the secret"):
        check_game(dataclasses.replace(IMAGEGAME, secrets=secrets))


def test_a_crashing_game_is_caught() -> None:
    """A master that raises on a hostile reply does not conform."""

    class Fragile(IMAGEGAME.master):
        def step(self, reply: str) -> None:
            reply.encode()
            super().step(reply)

    with pytest.raises(UnicodeEncodeError):
        check_game(dataclasses.replace(IMAGEGAME, master=Fragile))


def test_shared_targets_are_caught() -> None:
    """A game that gives two splits the same target does not conform."""

    def target(instance: Instance) -> str:
        return instance.instance_id[-1]

    with pytest.raises(AssertionError, match="its target is in"):
        check_game(dataclasses.replace(IMAGEGAME, target=target))


def test_a_game_without_a_verdict_on_each_reply_is_caught() -> None:
    """A referee that does not say what it made of a reply does not conform."""

    class Silent(HELLOGAME.master):
        def emit(self, event: Event) -> None:
            if not isinstance(event, Malformed):
                super().emit(event)

    game = dataclasses.replace(HELLOGAME, master=Silent)
    (instance, *_) = make_instances(game, "test", seed=0)
    with pytest.raises(AssertionError, match="0 verdicts on 1 replies"):
        check_hostile_replies(game, instance, seed=0)


def test_words_that_change_are_caught() -> None:
    """What was noticed must not be worded by what happens later."""

    def word(master: GameMaster, event: Event) -> list[Wording]:
        return [("so far", len(master.events))]

    game = dataclasses.replace(IMAGEGAME, bridge=Bridge(word=word))
    (instance, *_) = make_instances(game, "test", seed=0)
    with pytest.raises(AssertionError, match="worded otherwise later"):
        check_forks(game, instance, seed=0)
