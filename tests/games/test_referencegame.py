"""referencegame: replies by the letter of the rules, recordings, grids, experts."""

import math
import random

import pytest

from games.contract import GameMaster, Instance, Outcome
from games.errors import InstanceError
from games.kit.grids import count_edits, parse_grid
from games.referencegame import GAME, rules
from games.referencegame.expert import describe, rate, read_facts
from games.referencegame.font import draw_glyphs
from games.referencegame.generator import draw_group, draw_instance
from games.referencegame.master import FOLLOWER_GRIDS, GIVER_GRIDS
from games.session import expert_pair, play_episode
from tests.games.noted import assert_noted
from tests.games.playing import play, score_episode, score_turns


def instances(variant: str, split: str = "train", num: int = 25) -> list[Instance]:
    """Return generated instances."""
    data = GAME.generate(variant, split, num, random.Random(3))
    return [
        Instance(GAME.spec.name, variant, str(i), one) for i, one in enumerate(data)
    ]


def played(*replies: str) -> GameMaster:
    """Return a master that has been given some replies."""
    return play(instances("letter_grids", num=1)[0], *replies)


@pytest.mark.parametrize(
    ("reply", "well_formed"),
    [
        ("Expression: row 2 is full", True),
        ("EXPRESSION:row 2", True),
        ("Expression:\n\n  row 2", True),
        ("Expression: row 2\nis full", False),
        ("Expression: row 2\n\nThat is all.", False),
        ("Expression:", False),
        ("The expression: row 2", False),
        ("", False),
    ],
)
def test_an_expression_is_a_tag_and_one_line(reply: str, well_formed: bool) -> None:
    """The tag has no case and needs no blank; a second line of text aborts."""
    assert rules.is_expression(reply) is well_formed


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("Answer: first", "first"),
        ("answer:SECOND", "second"),
        ("Answer: third grid.", "third"),
        ("Answer: 2", "2"),
        ("Answer: 25", "2"),
        ("Answer:\nfirst", "first"),
        ("Answer: the first", None),
        ("Answer: first\nbecause it is", None),
        ("first", None),
        ("", None),
    ],
)
def test_an_answer_is_a_tag_and_a_choice(reply: str, label: str | None) -> None:
    """The choice comes first; text after it on its line is fine, a new line is not."""
    assert rules.read_answer(reply) == label


def test_the_follower_reads_the_whole_reply_of_the_giver() -> None:
    """Its prompt ends in the expression, tag included; right is 100, wrong is 0."""
    (instance,) = instances("letter_grids", num=1)
    right = instance.data["target_grid_name"][0]
    for answer in rules.ANSWERS:
        master = GAME.master(instance)
        master.step("EXPRESSION: hm")
        assert master.observe().endswith("\n\nEXPRESSION: hm")
        master.step(f"Answer: {answer}")
        assert master.main_score == 100 * (answer == right)
        assert master.outcome is [Outcome.LOSE, Outcome.SUCCESS][answer == right]


def test_an_aborted_episode_has_no_score() -> None:
    """Main is NaN, and the episode's scores say who aborted."""
    master = played("Expression: a", "It is the first one")
    assert math.isnan(master.main_score)
    assert score_episode(master)["Aborted at Player 2"] == 1
    assert score_episode(master)["Aborted at Player 1"] == 0


def test_the_referee_notes_what_clembench_notes() -> None:
    """Notes, keys and turn scores are those of every recorded episode."""
    assert_noted("referencegame")


@pytest.mark.parametrize(
    ("replies", "counts", "ratio", "length"),
    [
        (["Grid one"], (1, 0, 1), 0, (math.nan, math.nan)),
        (["Expression:\na b", "Grid one"], (2, 1, 1), 0.5, (15, 2)),
        (["Expression: a b", "Grid one"], (2, 1, 1), 0.5, (15, 3)),
        (["Expression: a b", "Answer: third"], (2, 2, 0), 1, (15, 3)),
    ],
)
def test_every_reply_is_a_request(
    replies: list[str], counts: tuple[int, ...], ratio: float, length: tuple[float, ...]
) -> None:
    """Replies, parsed and violated; an expression that was refused has no length.

    Tokens are what single blanks separate.
    """
    master = played(*replies)
    scores, turn = score_episode(master), score_turns(master)["0"]
    names = [f"{kind}Request Count" for kind in ("", "Parsed ", "Violated ")]
    names += [f"Generated Expression {what}" for what in ("Length", "Number of Tokens")]
    expected = pytest.approx([*counts, *length], nan_ok=True)
    assert [scores[name] for name in names] == expected
    assert [turn[name] for name in names] == expected
    assert scores["Request Success Ratio"] == ratio


def test_a_grid_of_another_shape_is_refused() -> None:
    """An impossible grid is an InstanceError, not a crash later."""
    (instance,) = instances("letter_grids", num=1)
    data = {**instance.data, "player_2_third_grid": "X X"}
    with pytest.raises(InstanceError, match="player_2_third_grid"):
        GAME.master(Instance("referencegame", "letter_grids", "x", data))


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_an_instance_shows_both_players_the_same_three_grids(variant: str) -> None:
    """The follower's are the giver's with the target at the place that is named."""
    for instance in instances(variant):
        told = [instance.data[name] for name in GIVER_GRIDS]
        shown = [instance.data[name] for name in FOLLOWER_GRIDS]
        word, number = instance.data["target_grid_name"]
        assert len(set(told)) == 3
        assert shown.pop(int(number) - 1) == told[0]
        assert shown == told[1:]
        assert rules.ANSWERS[int(number) - 1] == word


def test_the_nearest_grids_distract() -> None:
    """Of a group of six, the two with the fewest edits, nearest first."""
    group = draw_group("letter_grids", random.Random(1))
    near = sorted(count_edits("".join(group[0]), "".join(g)) for g in group[1:])[:2]
    data = draw_instance("letter_grids", random.Random(1))
    grids = ["".join(parse_grid(data[name])) for name in GIVER_GRIDS]
    assert [count_edits(grids[0], grid) for grid in grids[1:]] == near


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("x", "x", 0)],
)
def test_levenshtein_counts_edits(one: str, other: str, edits: int) -> None:
    """Insertions, deletions and replacements cost one each."""
    assert count_edits(one, other) == edits


def test_an_impossible_number_of_instances_is_refused() -> None:
    """Ten digits make few groups of three; the error says how many."""
    with pytest.raises(InstanceError, match="lower instances"):
        GAME.generate("number_grids", "test", 80, random.Random(0))


def test_no_two_glyphs_are_alike() -> None:
    """All 36 letters and digits differ."""
    assert len(set(draw_glyphs().values())) == len(draw_glyphs()) == 36


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_descriptions_fit_the_target_only(variant: str) -> None:
    """What a skilled giver says is true of the target and not of the distractors."""
    for instance in instances(variant):
        grids = [parse_grid(instance.data[name]) for name in GIVER_GRIDS]
        words = describe(grids[0], grids[1:], random.Random(0))
        fits = [rate(words, grid) for grid in grids]
        assert fits[0] == len(read_facts(words)) > max(fits[1:])


@pytest.mark.parametrize(
    ("expression", "best"),
    [
        ("the letter E", "E"),
        ("It looks like a T.", "T"),
        ("The first row and the last row are filled, and the second row is empty "
         "except on the left", "E"),
        ("top row filled with Xs, third column filled", "T"),
        ("an empty cell in the third row, third column and a full fourth column", "4"),
    ],
)  # fmt: skip
def test_free_expressions_are_understood(expression: str, best: str) -> None:
    """Of E, T and 4, the follower's reading prefers the one that is meant."""
    fits = {name: rate(expression, draw_glyphs()[name]) for name in "ET4"}
    assert max(fits, key=fits.get) == best


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_skill_decides(variant: str) -> None:
    """Skilled pairs find the target; unskilled ones are at chance, one in three."""
    wins = {}
    for skill in (1.0, 0.0):
        wins[skill] = sum(
            play_episode(
                GAME, instance, expert_pair(GAME, instance, skill, f"{variant}/{seed}")
            ).outcome == Outcome.SUCCESS
            for seed, instance in enumerate(instances(variant, num=60))
        )  # fmt: skip
    assert wins[1.0] >= 54
    assert wins[0.0] <= 30
