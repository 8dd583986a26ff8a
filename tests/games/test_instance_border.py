"""Instances that somebody has edited are played, or refused in a sentence."""

import json
import math
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.checks.conformance import make_instances
from games.contract import Game, Instance
from games.errors import InstanceError
from games.registry import GAMES
from games.session import Session, expert_pair
from tests.broken import JSON_ODD, break_document, is_one_sentence, modest

EXAMPLES = 40
"""A game; 720 of all."""


def list_replies(game: Game, instance: Instance) -> list[str]:
    """List what experts say on an instance."""
    session = Session(game, instance, dict.fromkeys(game.spec.roles, "expert"))
    players = expert_pair(game, instance, 1.0, 0)
    while session.role is not None:
        session.reply(players[session.role](session.messages()))
    return [turn.reply for turn in session.turns]


def play(game: Game, instance: Instance, replies: list[str]) -> None:
    """Say something, then nothing, and see that it is judged."""
    session = Session(game, instance, dict.fromkeys(game.spec.roles, "any"))
    for reply in [*replies, *[""] * game.spec.max_turns]:
        if session.role is None:
            break
        assert isinstance(session.messages()[-1]["content"], str)
        session.reply(reply)
    assert session.role is None, "more turns than the spec allows for"
    score = session.episode().main_score
    assert math.isnan(score) or 0 <= score <= 100


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES.keys())
def test_an_edited_instance_is_played_or_refused(game: Game) -> None:
    """Whatever stands in a field or an option, no game fails in the middle."""
    instances = make_instances(game, "train", seed=0)[::4]
    said = [list_replies(game, one) for one in instances]
    options = sorted(game.spec.options) or ["rules"]

    @settings(modest, max_examples=EXAMPLES)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(instances) - 1))
        fields = data.draw(break_document(instances[number].data))
        if data.draw(st.integers(0, 2)) == 0:
            name = data.draw(st.sampled_from(options))
            fields = deepcopy(instances[number].data)
            fields[name] = deepcopy(data.draw(st.sampled_from(JSON_ODD)))
        fields = json.loads(json.dumps(fields))
        one = Instance(game.spec.name, instances[number].variant, "some-0", fields)
        try:
            game.master(one)
        except InstanceError as error:
            assert is_one_sentence(str(error)), str(error)
            return
        assert isinstance(game.target(one), str)
        for role in game.spec.roles:
            assert all(isinstance(text, str) for text in game.secrets(one, role))
        for replies in (said[number], ["x"], []):
            play(game, one, replies)

    check()


class Asked(dict[str, Any]):
    """Data that notes which of its keys somebody asks for."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data)
        self.names: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        """Note a key that has to be there."""
        self.names.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Note a key that may be there."""
        self.names.add(key)
        return super().get(key, default)


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES.keys())
def test_what_a_game_reads_is_declared(game: Game) -> None:
    """A field that is read is one of the spec's, so that its type is checked."""
    for instance in make_instances(game, "train", seed=0)[::4]:
        asked = Asked(instance.data)
        watched = Instance(instance.game, instance.variant, "some-0", asked)
        for skill in (1.0, 0.0):
            players = expert_pair(game, watched, skill, 0)
            session = Session(game, watched, dict.fromkeys(game.spec.roles, "any"))
            while session.role is not None:
                session.reply(players[session.role](session.messages()))
        assert asked.names <= {*game.spec.fields, *game.spec.options, "rules"}
