"""The scripted players of matchit_ascii: what they say, read, answer and decide."""

import random

import pytest

from games.contract import Instance, Outcome
from games.kit.grids import CELLS
from games.kit.regions import BORDER, COLUMNS, CORNERS, ROWS
from games.matchit_ascii import GAME
from games.matchit_ascii.generator import draw
from games.matchit_ascii.reading import Claim, describe, fill_grid, read_claims
from games.matchit_ascii.rules import A, B
from games.session import Session, expert_pair, play_episode
from tests.games.oracle import original

CROSS, FRAME = fill_grid(ROWS[2] | COLUMNS[2]), fill_grid(BORDER)


def made(same: bool = True) -> Instance:
    """Return an instance of equal or of different grids."""
    grids = (CROSS, CROSS if same else FRAME)
    texts = ("\n".join(" ".join(row) for row in grid) for grid in grids)
    data = dict(zip(("grid_a", "grid_b"), texts, strict=True))
    return Instance("matchit_ascii", "same_grid", "x", data)


def test_descriptions_say_all_of_a_grid() -> None:
    """What is described is read again, cell by cell, drawn or edited at random."""
    rng = random.Random(0)
    for _ in range(300):
        cells = draw(rng) ^ frozenset(rng.sample(CELLS, rng.choice((0, 2))))
        claims = read_claims(describe(fill_grid(cells)))
        drawn = [c.cells for c in claims if c.is_filled]
        assert frozenset().union(*drawn) == cells
        assert frozenset().union(*(c.cells for c in claims)) == frozenset(CELLS)


@pytest.mark.parametrize(
    ("said", "claims"),
    [
        ("The first row is empty, the last row is filled.",
         [(ROWS[0], False), (ROWS[4], True)]),
        ("X's in the first column, and the four corners are empty",
         [(COLUMNS[0], True), (CORNERS, False)]),
        ("empty: the four corners; all cells of the third row",
         [(CORNERS, False), (ROWS[2], False)]),
        ("The border is filled and the rest is empty",
         [(BORDER, True), (frozenset(CELLS) - BORDER, False)]),
        ("The second row contains three X's and two ▢'s", []),
        ("A 5x5 grid with 5 rows and five columns of X's", []),
        ("Some pattern of letters", []),
    ],
)  # fmt: skip
def test_free_text_is_read(said: str, claims: list[tuple[frozenset, bool]]) -> None:
    """A state stands behind a part or before it; doubtful parts claim nothing."""
    assert read_claims(said) == [Claim(cells, full) for cells, full in claims]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Is row 3, column 1 filled?", "yes"),
        ("Is the first row empty?", "no"),
        ("Are the four corners empty?", "yes"),
        ("Which cells are filled?", describe(CROSS)),
        ("What is in the third row?", describe(CROSS)),
    ],
)
def test_questions_are_answered_truthfully(question: str, answer: str) -> None:
    """Yes or no where that answers, and else all of the grid."""
    session = Session(GAME, made(), {A: "expert", B: "any"})
    for said in ("DESCRIPTION: a", "DESCRIPTION: b", f"QUESTION: {question}"):
        session.reply(said)
    expert = GAME.expert(made(), A, 1.0, random.Random(0))
    assert expert(session.messages()) == f"ANSWER: {answer}"


def test_a_silent_partner_is_asked_for_everything() -> None:
    """One vague description does not cost the game."""
    instance = made(same=False)
    players = expert_pair(GAME, instance, 1.0, seed=0)
    skilled = players[A]

    def vague(messages: list[dict[str, str]]) -> str:
        reply = skilled(messages)
        return reply if len(messages) > 1 else "DESCRIPTION: lines"

    episode = play_episode(GAME, instance, {A: vague, B: players[B]})
    assert episode.turns[2].reply == "QUESTION: Which cells are filled?"
    assert episode.outcome == Outcome.SUCCESS


@pytest.mark.parametrize(("skill", "least", "most"), [(1, 1, 1), (0, 0.15, 0.35)])
def test_experts_win_by_skill(skill: float, least: float, most: float) -> None:
    """Skilled pairs always win; unskilled ones toss two coins, one in four."""
    won = [
        play_episode(GAME, i, expert_pair(GAME, i, skill, seed)).outcome == "success"
        for variant in GAME.spec.variants
        for seed, data in enumerate(
            GAME.generate(variant, "test", 40, random.Random(1))
        )
        for i in [Instance("matchit_ascii", variant, f"{variant}-{seed}", data)]
    ]
    assert least <= sum(won) / len(won) <= most


def test_skilled_experts_win_all_of_clembenchs_instances() -> None:
    """Its drawings and its prompts are understood as well as ours."""
    for i in original("matchit_ascii"):
        assert play_episode(GAME, i, expert_pair(GAME, i, 1.0, 0)).main_score == 100
        same = i.data["grid_a"] == i.data["grid_b"]
        assert i.data["solution"] == ("same grid" if same else "different grids")
