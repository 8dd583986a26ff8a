"""Branches: a fork goes as its episode went up to a turn, and on by itself."""

import random

import pytest

from games.contract import Instance
from games.registry import GAMES
from stages.base.tiny import make_tiny_policy
from stages.common.chat import ChatTemplate
from stages.engines.local.engine import Engine
from stages.playing.branching import derive_fork_seeds, draw_branch_turns, fork
from stages.playing.seats import ExpertSeat, PolicySeat, Seat
from stages.playing.table import Table, make_table, play

GAME = GAMES["codenames"]


@pytest.fixture(scope="module")
def policy() -> PolicySeat:
    """Return a seat for a tiny untrained policy."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    chat = ChatTemplate(tokenizer)
    return PolicySeat(Engine(model.eval(), chat.end_of_turn, temperature=1.0), chat)


def seats(policy: PolicySeat, instance: Instance) -> dict[str, Seat]:
    """Return an expert cluegiver and the policy as guesser."""
    expert = GAME.expert(instance, "cluegiver", 1.0, random.Random(0))
    return {"cluegiver": ExpertSeat(expert), "guesser": policy}


def played(policy: PolicySeat) -> Table:
    """Return a finished episode."""
    variant = GAME.spec.variants[0]
    data = GAME.generate(variant, "train", 1, random.Random(0))[0]
    instance = Instance("codenames", variant, "1", data)
    names = {"cluegiver": "expert", "guesser": "policy"}
    table = make_table(GAME, instance, seats(policy, instance), names, sample=0, seed=5)
    (done,) = play([table], 1)
    return done


def test_a_fork_begins_as_its_episode(policy: PolicySeat) -> None:
    """Turns, ids, masks and log-probabilities up to the branch are the episode's."""
    trunk = played(policy)
    instance = trunk.session.instance

    forked = fork(trunk, seats(policy, instance), 1, seed=8)

    assert forked.session.turns == trunk.session.turns[:1]
    assert forked.session.role == "guesser"
    whole = fork(trunk, seats(policy, instance), 2, seed=8)
    assert whole.session.turns == trunk.session.turns[:2]
    ours, theirs = whole.streams["guesser"], trunk.streams["guesser"]
    length = len(ours.ids)
    assert ours.ids == theirs.ids[:length]
    assert ours.mask == theirs.mask[:length]
    assert ours.logprobs == theirs.logprobs[:length]


def test_forks_of_a_turn_differ_and_repeat(policy: PolicySeat) -> None:
    """Each seed continues in its own way, and always in the same."""
    trunk = played(policy)

    def replies() -> list[str]:
        seeds = derive_fork_seeds(trunk, 1, 3)
        forks = [
            fork(trunk, seats(policy, trunk.session.instance), 1, seed=seed)
            for seed in seeds
        ]
        for _ in play(forks, 3):
            pass
        assert all(one.session.episode().branch == 1 for one in forks)
        return [one.session.turns[1].reply for one in forks]

    assert len(set(replies())) == 3
    assert replies() == replies()


def test_a_fork_computes_no_prompt_anew(policy: PolicySeat) -> None:
    """What a fork's history shares with its episode comes from the engine's cache."""
    trunk = played(policy)
    tokens = policy.backend.tokens
    prompt, cached = tokens.prompt, tokens.cached
    forks = [fork(trunk, seats(policy, trunk.session.instance), 1, seed=1)]

    for _ in play(forks, 1):
        pass

    assert tokens.cached - cached >= tokens.prompt - prompt - 16


def test_only_turns_of_the_named_roles_branch(policy: PolicySeat) -> None:
    """Turns are drawn by the seed from those of some roles, at most so many."""
    trunk = played(policy)

    turns = draw_branch_turns(trunk, ["guesser"], 9, seed=1)

    assert turns
    assert {trunk.session.turns[turn].role for turn in turns} == {"guesser"}
    assert draw_branch_turns(trunk, ["guesser"], 0, seed=1) == []
    assert draw_branch_turns(trunk, [], 9, seed=1) == []
