"""The scripted players of clean_up: what they understand and do, clembench's grids."""

import random
from typing import Any

import pytest

from games.clean_up import GAME, list_secrets
from games.clean_up.expert import View
from games.clean_up.generator import WALLS, read_walls, render
from games.clean_up.texts import P1, P2
from games.contract import Instance, Outcome
from games.session import Session, expert_pair, play_episode
from tests.games.oracle import original

WALL = frozenset((x, 3) for x in range(1, 8))


def made(places: dict[str, list[int]]) -> Instance:
    """Return an instance with the objects of player 2 at some places."""
    data = {
        "background": render(WALL),
        "objects_1": [{"id": "C", "coord": [1, 1]}, {"id": "L", "coord": [2, 1]}],
        "objects_2": [{"id": name, "coord": cell} for name, cell in places.items()],
        "max_penalties": 2,
        "max_rounds": 8,
    }
    return Instance("clean_up", "0_easy_3obj_en", "x", data)


def view(*said: str) -> View:
    """Return what player 1 gathers after some messages of the other."""
    session = Session(GAME, made({"C": [1, 5], "L": [2, 5]}), {P1: "any", P2: "any"})
    session.reply("SAY: hi")
    for message in said:
        session.reply(f"SAY: {message}")
        chat = session.messages()
        session.reply("SAY: hi")
    return View.read(chat, 'says: "')


@pytest.mark.parametrize(
    ("said", "goals"),
    [
        ("C at (1, 5), L at (7, 7)", {"C": (1, 5), "L": (7, 7)}),
        ("put 'C' to (4,4)!", {"C": (4, 4)}),
        ("my C is at position (4, 4)", {"C": (4, 4)}),
        ("C: (4, 4), then C: (5, 5)", {"C": (5, 5)}),
        ("C: (4, 4), L: (4, 4)", {"L": (4, 4)}),
        ("C at (1, 3)", {}),
        ("C at (9, 9)", {}),
        ("X at (1, 5)", {}),
        ("hello", {}),
    ],
)
def test_experts_understand_places(said: str, goals: dict[str, Any]) -> None:
    """The last place for an object counts, and walls are no places."""
    assert view(said).goals == goals


def test_blocked_objects_make_way() -> None:
    """Two objects that are in each other's place are exchanged in three moves."""
    instance = made({"C": [2, 1], "L": [1, 1]})
    episode = play_episode(GAME, instance, expert_pair(GAME, instance, 1.0, 0))
    assert episode.main_score == 100
    assert sum(turn.reply.startswith("MOVE") for turn in episode.turns) == 3


@pytest.mark.parametrize(("skill", "outcome"), [(1, "success"), (0, "aborted")])
def test_experts_win_by_skill(skill: float, outcome: str) -> None:
    """Skilled pairs make the grids equal without penalties; unskilled ones abort."""
    for variant in GAME.spec.variants:
        for seed, data in enumerate(
            GAME.generate(variant, "test", 5, random.Random(1))
        ):
            i = Instance("clean_up", variant, f"{variant}-{seed}", data)
            episode = play_episode(GAME, i, expert_pair(GAME, i, skill, seed))
            assert episode.outcome == outcome
            assert episode.main_score == 100 or skill == 0


def test_skilled_experts_win_all_of_clembenchs_instances() -> None:
    """All 27 load with their own prompts and texts, and are played with them."""
    instances = original("clean_up")
    assert len(instances) == 27
    for i in instances:
        episode = play_episode(GAME, i, expert_pair(GAME, i, 1.0, 0))
        assert (episode.outcome, episode.main_score) == (Outcome.SUCCESS, 100)
        first, second, third = (turn.context for turn in episode.turns[:3])
        assert first == i.data["p1_initial_prompt"]
        start, _, end = i.data["p2_initial_prompt"].partition("$start_message")
        assert second.startswith(start) and second.endswith(end)
        texts = i.data["intermittent_prompts"]
        assert third.startswith(texts["message_relay"] + "You are currently playing")
        assert third.endswith(texts["command_prompt"])
        assert all("$" not in turn.context for turn in episode.turns)


def test_clembenchs_prompts_show_our_grids() -> None:
    """The grids that its prompts show are drawn as ours, to the letter."""
    for i in original("clean_up"):
        master = GAME.master(i)
        shown = {P1: i.data["p1_initial_prompt"], P2: i.data["p2_initial_prompt"]}
        for role, prompt in shown.items():
            other = P2 if role == P1 else P1
            assert list_secrets(i, other)[0] in prompt
        assert master.role == P1
        level = i.variant.split("_")[1]
        assert len(read_walls(i.data["background"])) == WALLS[level]
        assert render(read_walls(i.data["background"])) == i.data["background"]
