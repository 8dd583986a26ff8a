"""Demonstrations: which perspectives become rows."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from games.contract import Kind
from games.errors import StudyError
from games.session import Episode, Turn
from pipeline.params.sections.demonstrations import Demonstrations
from stages.common.dialogues import take_perspective
from stages.common.episodes import write_episodes
from stages.common.examples import (
    DEMONSTRATION,
    DEMONSTRATIONS,
    read_examples,
    write_examples,
)
from stages.common.files import read_json
from stages.demonstrations.rows import demonstrate, list_won_chats, measure
from tests.stages.material import episode
from tests.stages.small import run_stage, set_params

TURNS = (
    ("describer", "describe dog", "CLUE: a"),
    ("guesser", "guess; CLUE: a", "GUESS: b"),
    ("describer", "GUESS: b", "CLUE: c"),
    ("guesser", "CLUE: c", "GUESS: dog"),
)


def settings(**changes: object) -> Demonstrations:
    """Return settings that leave nothing out."""
    usual = {"max_per_game": 1000, "learner_turns_only": False}
    return Demonstrations(**(usual | changes))


def many() -> list[Episode]:
    """Return won episodes: 30 of one variant, 4 of another."""
    variants = ["high"] * 30 + ["low"] * 4
    return [
        episode(*TURNS, variant=variant, instance_id=f"{variant}-{index}")
        for index, variant in enumerate(variants)
    ]


def test_a_perspective_is_the_chat_of_one_role() -> None:
    """What a role saw is a user message, what it replied an assistant message."""
    assert take_perspective(episode(*TURNS), "guesser") == [
        {"role": "user", "content": "guess; CLUE: a"},
        {"role": "assistant", "content": "GUESS: b"},
        {"role": "user", "content": "CLUE: c"},
        {"role": "assistant", "content": "GUESS: dog"},
    ]


@pytest.mark.parametrize(
    ("outcome", "rows"), [("success", 2), ("lose", 0), ("aborted", 0)]
)
def test_only_won_episodes_count(outcome: str, rows: int) -> None:
    """A won episode gives a row for each role, any other none."""
    found = list_won_chats([episode(*TURNS, outcome=outcome)], learner_turns_only=False)
    assert [row["role"] for row in found] == ["describer", "guesser"][:rows]
    assert all(row["num_turns"] == 2 for row in found)


def test_asides_are_chats_of_their_own() -> None:
    """An aside is learned after what came before it, and is in no other chat."""
    turns = [
        Turn("guesser", "do you follow?", "ok", kind=Kind.GIVEN),
        Turn("guesser", "first", "GUESS: a", [5, 6]),
        Turn("guesser", "by the way", "ASIDE: no", kind=Kind.ASIDE),
        Turn("guesser", "second", "GUESS: b"),
    ]
    won = replace(episode(*TURNS), turns=turns)

    main, aside = list_won_chats([won], learner_turns_only=False)

    assert (main["kind"], aside["kind"]) == ("said", "aside")
    said = [m["content"] for m in main["messages"][1::2]]
    assert said == ["ok", "GUESS: a", "GUESS: b"]
    assert main["messages"][3]["token_ids"] == [5, 6]
    assert [m.get("learned") for m in main["messages"][1::2]] == [False, None, None]
    said = [(m["content"], m.get("learned")) for m in aside["messages"][1::2]]
    assert said == [("ok", False), ("GUESS: a", False), ("ASIDE: no", None)]


def test_equal_chats_count_once() -> None:
    """Two samples with the same course are one demonstration."""
    twice = [episode(*TURNS, sample=0), episode(*TURNS, sample=1)]
    assert len(list_won_chats(twice, learner_turns_only=False)) == 2


def test_learner_turns_only_keeps_sampled_perspectives() -> None:
    """With it, a role counts only if a policy, which has token ids, played it."""
    won = episode(*TURNS)
    won.turns[1] = Turn("guesser", "guess; CLUE: a", "GUESS: b", [1], [-0.5])
    kept = list_won_chats([won], learner_turns_only=True)
    assert [row["role"] for row in kept] == ["guesser"]


def test_the_cap_is_balanced_over_variants_and_roles() -> None:
    """Of 60 and 8 candidates, 12 rows hold 3 of each variant and role."""
    rows = demonstrate(many(), ["taboo"], settings(max_per_game=12), 1)
    strata = [(row["variant"], row["role"]) for row in rows]
    assert {strata.count(stratum) for stratum in strata} == {3}
    assert len(set(strata)) == 4


def test_rows_depend_on_the_seed_alone() -> None:
    """Same seed, same rows in the same order; another seed draws others."""
    cap = settings(max_per_game=12)
    assert demonstrate(many(), ["taboo"], cap, 1) == demonstrate(
        many(), ["taboo"], cap, 1
    )
    drawn = [demonstrate(many(), ["taboo"], cap, seed) for seed in (1, 2)]
    first, other = ({row["instance_id"] for row in rows} for rows in drawn)
    assert first != other


def test_a_game_that_is_not_trained_on_gives_no_row() -> None:
    """Episodes of a game outside the list are ignored."""
    episodes = [episode(*TURNS), episode(*TURNS, game="guesswhat")]
    rows = demonstrate(episodes, ["taboo"], settings(), 1)
    assert {row["game"] for row in rows} == {"taboo"}


def test_nothing_won_is_an_error_that_says_what_to_change() -> None:
    """Without one won episode the stage stops with a sentence."""
    with pytest.raises(StudyError, match=r"taboo.*selfplay\.pairings"):
        demonstrate([episode(*TURNS, outcome="lose")], ["taboo"], settings(), 1)


def test_metrics_count_by_hand() -> None:
    """Of four episodes three are won, each with a row a role of two turns."""
    episodes = [*many()[:3], episode(*TURNS, outcome="lose")]
    rows = demonstrate(episodes, ["taboo"], settings(), 1)
    assert measure(episodes, rows, ["taboo", "imagegame"]) == {
        "taboo": {
            "episodes": 4,
            "won": 0.75,
            "rows": 6,
            "roles": {"describer": 3, "guesser": 3},
            "mean_turns": 2,
        },
        "imagegame": {
            "episodes": 0,
            "won": None,
            "rows": 0,
            "roles": {},
            "mean_turns": None,
        },
    }


def test_rows_survive_the_disk(tmp_path: object) -> None:
    """What is read is what was written, and the same rows are the same bytes."""
    rows = demonstrate(many(), ["taboo"], settings(), 1)
    for name in "ab":
        write_examples(tmp_path / name, rows, DEMONSTRATION)
    assert read_examples(tmp_path / "a", DEMONSTRATION) == rows
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_stage_shows_held_in_games_only(project: Path) -> None:
    """Won episodes of a held-out game teach nothing; caps are those of the params."""
    played = [
        episode(*TURNS, game=game, instance_id=f"{game}-{number}")
        for game in ("taboo", "referencegame", "guesswhat")
        for number in range(5)
    ]
    write_episodes(Path("data/selfplay/episodes.parquet"), played)
    set_params(demonstrations={"max_per_game": 4, "learner_turns_only": False})

    run_stage("demonstrations")

    rows = read_examples(DEMONSTRATIONS, DEMONSTRATION)
    assert Counter(row["game"] for row in rows) == {"taboo": 4, "referencegame": 4}
    metrics = read_json(DEMONSTRATIONS.with_name("metrics.json"))
    assert metrics == measure(played, rows, ["taboo", "referencegame"])
