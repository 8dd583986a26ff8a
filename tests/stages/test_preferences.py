"""Preference pairs: who is compared with whom, and where two courses part."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from games.errors import StudyError
from games.session import Episode
from pipeline.params.sections.preferences import Preferences
from stages.common.episodes import write_episodes
from stages.common.examples import PAIR, PREFERENCES, read_examples
from stages.common.files import read_json
from stages.preferences.pairs import (
    find_branch,
    list_candidates,
    match_courses,
    measure,
    prefer,
)
from tests.stages.material import episode
from tests.stages.small import run_stage, set_params

ASK, CLUED = "describe dog", "guess; CLUE: a"


def settings(**changes: object) -> Preferences:
    """Return settings that leave nothing out."""
    usual = {"negatives_per_positive": 99, "with_aborted": True}
    usual |= {"max_first_turn_pairs": 999, "max_pairs": 999}
    return Preferences(**(usual | changes))


def taboo(*replies: str, outcome: str, **fields: object) -> Episode:
    """Return an episode of clue, guess, clue, guess ... in which contexts follow."""
    turns = []
    for index, reply in enumerate(replies):
        context = (
            [ASK, f"guess; {replies[0]}"][index] if index < 2 else replies[index - 1]
        )
        turns.append((("describer", "guesser")[index % 2], context, reply))
    return episode(*turns, outcome=outcome, **fields)


WON = taboo("CLUE: a", "GUESS: b", "CLUE: c", "GUESS: dog", outcome="success")
LOST = taboo("CLUE: a", "GUESS: b", "CLUE: x", "GUESS: y", outcome="lose")
OTHER_CLUE = taboo("CLUE: z", "GUESS: q", outcome="lose")
BROKEN = taboo("CLUE: a", "hm", outcome="aborted")


def table(*episodes: Episode, level: str, **changes: object) -> set[tuple]:
    """Return (role, branch, chosen texts, rejected texts) of all pairs of a level."""
    pairs = prefer(episodes, ["taboo"], settings(**changes), 0)
    return {
        (
            pair["role"],
            pair["branch_turn"],
            " ".join(m["content"] for m in pair["chosen"]),
            " ".join(m["content"] for m in pair["rejected"]),
        )
        for pair in pairs
        if pair["level"] == level
    }


def test_turn_pairs_part_after_an_equal_history() -> None:
    """The describer parts at its second clue; the guesser saw other clues: no pair."""
    assert table(WON, LOST, level="turn") == {("describer", 1, "CLUE: c", "CLUE: x")}
    pair = prefer([WON, LOST], ["taboo"], settings(), 0)
    turn = next(one for one in pair if one["level"] == "turn")
    assert [m["content"] for m in turn["prompt"]] == [ASK, "CLUE: a", "GUESS: b"]


def test_first_replies_pair_too() -> None:
    """Courses that part at once make a pair of first turns, branch 0."""
    assert table(WON, OTHER_CLUE, level="turn") == {
        ("describer", 0, "CLUE: a", "CLUE: z")
    }


def test_dialogue_pairs_share_the_first_message() -> None:
    """Chosen and rejected are the whole rest; the guesser's first clues must agree."""
    assert table(WON, LOST, OTHER_CLUE, level="dialogue") == {
        ("describer", 1, "CLUE: a GUESS: b CLUE: c", "CLUE: a GUESS: b CLUE: x"),
        ("describer", 0, "CLUE: a GUESS: b CLUE: c", "CLUE: z"),
        ("guesser", 1, "GUESS: b CLUE: c GUESS: dog", "GUESS: b CLUE: x GUESS: y"),
    }


def test_an_abort_counts_for_the_role_that_caused_it() -> None:
    """The guesser's broken format is its own negative, never the describer's."""
    for level in ("dialogue", "turn"):
        assert {pair[0] for pair in table(WON, BROKEN, level=level)} == {"guesser"}
    assert ("guesser", 0, "GUESS: b", "hm") in table(WON, BROKEN, level="turn")


def test_aborted_episodes_can_be_left_out() -> None:
    """With with_aborted off, an aborted episode is no negative."""
    pairs = table(WON, LOST, BROKEN, level="turn", with_aborted=False)
    assert pairs == table(WON, LOST, level="turn")


def test_pairs_without_any_lost_episode() -> None:
    """A game whose failures are all aborts still has its pairs."""
    assert table(WON, BROKEN, level="turn")


def test_only_episodes_of_one_instance_are_compared() -> None:
    """Another instance's loss is no negative, even with the same first message."""
    stranger = taboo("CLUE: z", "GUESS: q", outcome="lose", instance_id="high-1")
    with pytest.raises(StudyError, match=r"selfplay\.pairings"):
        prefer([WON, stranger], ["taboo"], settings(), 0)


def test_a_chat_that_ends_where_the_other_goes_on_has_no_branch() -> None:
    """No index is looked up beyond the shorter chat."""
    chat = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    longer = [*chat, {"role": "user", "content": "c"}]
    assert find_branch(chat, longer) is None
    assert find_branch(longer, chat) is None
    assert find_branch(chat, [chat[0], {"role": "assistant", "content": "x"}]) == 1
    assert find_branch(chat, [{"role": "user", "content": "x"}, chat[1]]) is None


def test_duplicates_are_pairs_once() -> None:
    """Repeated samples of the same courses add nothing."""
    again = [taboo("CLUE: z", "GUESS: q", outcome="lose", sample=1), WON]
    once = prefer([WON, OTHER_CLUE], ["taboo"], settings(), 0)
    assert len(prefer([WON, OTHER_CLUE, *again], ["taboo"], settings(), 0)) == len(once)


def losses(num: int) -> list[Episode]:
    """Return lost episodes with different first clues."""
    return [taboo(f"CLUE: l{i}", "GUESS: q", outcome="lose") for i in range(num)]


def test_a_positive_meets_at_most_so_many_negatives() -> None:
    """Of five lost courses, two are compared with the only won one."""
    matches = match_courses([WON, *losses(5)], with_aborted=True)
    for level in ("dialogue", "turn"):
        assert len(list_candidates(matches, level, 2, random.Random(0))) == 2


def test_first_turn_pairs_are_capped_and_others_kept() -> None:
    """Five first-turn pairs become three; the later pair stays."""
    episodes = [WON, LOST, *losses(5)]
    found = table(*episodes, level="turn", max_first_turn_pairs=3)
    assert sorted(branch for _, branch, *_ in found) == [0, 0, 0, 1]


def test_max_pairs_caps_each_level_and_keeps_later_turns() -> None:
    """Two of six turn-level pairs: one of each branch."""
    found = table(WON, LOST, *losses(5), level="turn", max_pairs=2)
    assert sorted(branch for _, branch, *_ in found) == [0, 1]


def test_pairs_depend_on_the_seed_alone() -> None:
    """Same seed, same pairs in the same order; another seed draws others."""
    episodes, cap = [WON, LOST, *losses(9)], settings(max_first_turn_pairs=3)
    assert prefer(episodes, ["taboo"], cap, 1) == prefer(episodes, ["taboo"], cap, 1)
    drawn = [prefer(episodes, ["taboo"], cap, seed) for seed in (1, 2)]
    first, other = (
        {pair["rejected"][0]["content"] for pair in pairs if pair["level"] == "turn"}
        for pairs in drawn
    )
    assert first != other


def test_metrics_count_by_hand() -> None:
    """Turn level: one first clue, one later clue, one aborted guess of three pairs."""
    pairs = prefer([WON, LOST, OTHER_CLUE, BROKEN], ["taboo"], settings(), 0)
    assert measure(pairs, ["taboo"])["taboo"] == {
        "dialogue": 4,
        "turn": 3,
        "first_turn_share": pytest.approx(2 / 3),
        "aborted_share": pytest.approx(2 / 7),
    }


def test_the_stage_pairs_held_in_games_only(project: Path) -> None:
    """Episodes of a held-out game make no pair; caps are those of the params."""
    played = [
        replace(one, game=game)
        for game in ("taboo", "referencegame", "guesswhat")
        for one in [WON, LOST, *losses(5)]
    ]
    write_episodes(Path("data/selfplay/episodes.parquet"), played)
    caps = settings(max_first_turn_pairs=2, max_pairs=4)
    set_params(preferences=caps.model_dump())

    run_stage("preferences")

    pairs = read_examples(PREFERENCES, PAIR)
    assert {pair["game"] for pair in pairs} == {"taboo", "referencegame"}
    turns = Counter(pair["game"] for pair in pairs if pair["level"] == "turn")
    assert turns == {"taboo": 3, "referencegame": 3}, "one later turn, two first ones"
    metrics = read_json(PREFERENCES.with_name("metrics.json"))
    assert metrics == measure(pairs, ["taboo", "referencegame"])
