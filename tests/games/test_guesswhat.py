"""Facts about guesswhat: rules, scores, instances, scripted players, recordings."""

import copy
import math
import random
from collections import Counter

import pytest

from games.contract import Instance
from games.errors import InstanceError, StudyError
from games.guesswhat import GAME
from games.guesswhat.generator import LEVELS
from games.guesswhat.knowledge import is_true
from games.guesswhat.rules import Mistake, find_mistake, is_answer, read_guess
from games.kit.lexicon import read_lexicon
from games.kit.splits import SPLITS, split_of
from games.session import expert_pair, play_episode
from tests.games.noted import assert_noted
from tests.games.playing import play, score_episode

WORDS = ["eagle", "owl", "trout", "cod", "rose", "lily", "pine", "oak"]
DATA = {"target_word": "owl", "candidate_list": WORDS}
ASK = ["QUESTION: Is it big?", "ANSWER: no"]


def played(*replies: str, **changes: object) -> object:
    """Return a master that has been given some replies."""
    return play(Instance("guesswhat", "Level_1", "x", DATA | changes), *replies)


@pytest.mark.parametrize(
    ("reply", "mistake"),
    [
        ("QUESTION: Is it a bird?", None),
        ("QUESTION: Tell me whether it is a bird", None),
        ("QUESTION: Is it 'owl'?", None),
        ('QUESTION: Is the target word "owl"?', None),
        ("QUESTION: Is it a bird? ", None),
        ("QUESTION: Is it a bird? Or a fish?", Mistake.AFTER_QUESTION),
        ("QUESTION: Is it a bird?!", Mistake.AFTER_QUESTION),
        ("QUESTION: Is it a bird? QUESTION: Is it a fish?", Mistake.QUESTIONS),
        ("QUESTION: QUESTION: Is it a bird?", Mistake.QUESTIONS),
        ("Question: Is it a bird?", Mistake.TAG),
        ("Is it a bird?", Mistake.TAG),
        ("QUESTION: Does the target word start with the letter O?", Mistake.SPELLING),
        ("QUESTION: Does it start with the letter O?", None),
        ("QUESTION: does the target word have the letter o?", Mistake.SPELLING),
        ("QUESTION: Is the second letter of the target word W?", Mistake.SPELLING),
        ("QUESTION: Does the target word have more 3 letters?", Mistake.SPELLING),
        ("QUESTION: Does the target word have more than 3 letters?", None),
        ("QUESTION: Does the target word have exactly one syllable?", Mistake.SPELLING),
        ("QUESTION: Is the target word a noun?", Mistake.WORD_CLASS),
        ("QUESTION: Say, is the target word a noun?", None),
    ],
)
def test_questions(reply: str, mistake: Mistake | None) -> None:
    """One question, with nothing after it, and not about spelling or word class."""
    assert find_mistake(reply) is mistake


@pytest.mark.parametrize(
    ("reply", "accepted"),
    [
        ("ANSWER: yes", True),
        ("ANSWER: No.", True),
        ("ANSWER: no.", False),
        ("ANSWER: YES", False),
        ("ANSWER:yes", False),
        ("yes", False),
        ("ANSWER: yes, it is", False),
    ],
)
def test_answers(reply: str, accepted: bool) -> None:
    """Exactly six answers are accepted."""
    assert is_answer(reply) is accepted


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        ("GUESS: Owl!", "owl"),
        ("GUESS: an owl", None),
        ("GUESS:", ""),
        ("GUESS: night-owl", "nightowl"),
        ("GUESS: GUESS: owl", None),
    ],
)
def test_guesses(reply: str, word: str | None) -> None:
    """A guess is one word, without capitals and punctuation."""
    assert read_guess(reply) == word


@pytest.mark.parametrize(
    ("rounds", "score"),
    [(1, 100), (5, 100), (6, 200 / 3), (7, 100 / 3), (8, 0)],
)
def test_score_falls_after_round_5(rounds: int, score: float) -> None:
    """A success in round 1 to 8 scores 100, ..., 100, 66.67, 33.33, 0."""
    master = played(*ASK * (rounds - 1), "GUESS: owl")
    assert master.outcome == "success"
    assert master.main_score == pytest.approx(score)


@pytest.mark.parametrize(
    ("replies", "outcome", "reason", "score"),
    [
        (ASK * 8, "lose", "turn limit", 0),
        (["GUESS: eagle"], "lose", "wrong guess", 0),
        (["GUESS: the owl"], "aborted", "format", math.nan),
        (["I guess owl"], "aborted", "format", math.nan),
        (["QUESTION: Is it big?", "ANSWER: maybe"], "aborted", "format", math.nan),
    ],
)
def test_other_ends(
    replies: list[str], outcome: str, reason: str, score: float
) -> None:
    """A wrong guess and eight questions lose; a broken format aborts."""
    master = played(*replies)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert master.main_score == pytest.approx(score, nan_ok=True)


def test_what_was_noted_and_scored_agrees() -> None:
    """The benchmark's own episodes have the same notes and turn scores here."""
    assert_noted("guesswhat")


@pytest.mark.parametrize(
    ("replies", "broken"),
    [
        (["QUESTION: Is the target word a noun?"], "Invalid content guesser response"),
        (["QUESTION: Is it a bird? Is it?"], "Invalid format guesser response"),
        (["GUESS: the owl"], "Invalid format guesser response"),
        (["QUESTION: Is it big?", "maybe"], "Invalid format answerer response"),
        (["GUESS: eagle"], None),
    ],
)
def test_who_broke_which_rule(replies: list[str], broken: str | None) -> None:
    """The mistake that aborts is scored as the role's own, of form or of content."""
    scores = score_episode(played(*replies))
    found = [name for name in scores if name.startswith("Inv") and scores[name]]
    assert found == ([broken] if broken else [])


def test_speed_is_scored_of_solved_episodes_only() -> None:
    """A solved episode has a speed, its main score; no other has one."""
    assert score_episode(played(*ASK * 5, "GUESS: owl"))["Speed"] > 66
    assert "Speed" not in score_episode(played("GUESS: eagle"))


def test_contexts() -> None:
    """Prompts come with the list, or the word and the question; later raw replies."""
    master = played(guesser_prompt="$N$ $LIST$", answerer_prompt="$TARGET WORD$")
    assert master.observe() == f"7 {WORDS}"
    master.step(ASK[0])
    assert master.observe() == f"owl\n\n{ASK[0]}"
    master.step(ASK[1])
    assert master.observe() == ASK[1]
    master.step(ASK[0])
    assert master.observe() == ASK[0]


def test_own_prompts_end_in_what_varies() -> None:
    """The list and the secret word stand at the end of their prompts."""
    assert played().observe().endswith(f"\n\nList: {WORDS}")
    assert played(ASK[0]).observe().endswith(f"\n\nSecret word: owl\n\n{ASK[0]}")


@pytest.mark.parametrize(
    "reply",
    [
        "QUESTION: does the target word have the letter" + " " * 500000,
        "\x00",
        "GUESS:",
        "GUESS: " + "a " * 500000,
        "QUESTION: is the target word a" + " " * 500000,
        "QUESTION: � ((([[",
        "QUESTION:" * 100000,
        "ANSWER: " + "yes" * 300000,
    ],
)
def test_any_text_is_judged(reply: str) -> None:
    """No reply whatsoever raises, of the guesser or of the answerer."""
    assert played(reply).reason in ("", "format", "wrong guess")
    assert played(ASK[0], reply).outcome == "aborted"
    expert = GAME.expert(played().instance, "answerer", 1.0, random.Random(0))
    message = {"role": "user", "content": reply}
    assert is_answer(expert([message]))


def test_bad_instances_are_refused() -> None:
    """A target outside its candidate list is refused."""
    with pytest.raises(InstanceError, match="not in its candidate list"):
        played(target_word="moon")


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_instances_have_the_shape_of_their_level(variant: str) -> None:
    """Candidates are 4x2x1, 2x2x2 or 1x4x2 words of the lexicon, one the target."""
    categories, subs, words = LEVELS[variant.removeprefix("Abs_")]
    for split in SPLITS:
        instances = GAME.generate(variant, split, 20, random.Random(3))
        assert len({data["target_word"] for data in instances}) == 20
        for data in instances:
            paths = Counter(
                read_lexicon()[word].path for word in data["candidate_list"]
            )
            assert data["target_word"] in data["candidate_list"]
            assert split_of(data["target_word"]) == split
            assert len({top for top, _ in paths}) == categories
            assert len(paths) == categories * subs
            assert set(paths.values()) == {words}


def test_generator_is_deterministic_and_says_when_it_is_exhausted() -> None:
    """The same seed gives the same instances; too many of them are an error."""
    one, two = (GAME.generate("Level_2", "train", 9, random.Random(5)) for _ in "ab")
    assert one == two
    with pytest.raises(StudyError, match="lower instances"):
        GAME.generate("Level_3", "test", 10_000, random.Random(5))


@pytest.mark.parametrize(
    ("question", "word", "truth"),
    [
        ("Is it a kind of bird?", "owl", True),
        ("Is it a kind of bird?", "oak", False),
        ("Is the target word an animal?", "owl", True),
        ("Is it an animal or a plant?", "rose", True),
        ('Is it "eagle"?', "owl", False),
        ('Is it "owl"?', "owl", True),
        ("Is it something you can eat?", "apple", True),
        ("Is it a living thing?", "hammer", False),
        ("Is it not an animal?", "hammer", True),
        ("Does it begin with o?", "owl", True),
        ("Is it a kind of part of the head?", "knee", False),
        ("Does it hoot at night?", "owl", True),
        ("Is it a lion?", "unheard", False),
        ("Is it tall?", "unheard", None),
    ],
)
def test_answerer_understands_questions(
    question: str, word: str, truth: bool | None
) -> None:
    """The expert knows categories, words, everyday notions and what words go with."""
    assert is_true(question, word) is truth


@pytest.mark.parametrize(("skill", "least", "most"), [(1, 0.9, 1), (0, 0, 0.1)])
def test_experts_win_by_skill(skill: float, least: float, most: float) -> None:
    """A pair of experts nearly always wins at skill 1 and nearly never at 0."""
    won = [
        play_episode(GAME, i, expert_pair(GAME, i, skill, seed)).outcome == "success"
        for variant in GAME.spec.variants
        for seed, data in enumerate(
            GAME.generate(variant, "test", 15, random.Random(1))
        )
        for i in [Instance("guesswhat", variant, f"{variant}-{seed}", data)]
    ]
    assert least <= sum(won) / len(won) <= most


def test_copy_goes_on_independently() -> None:
    """A deep copy of a master can end while the original goes on."""
    master = played(*ASK)
    twin = copy.deepcopy(master)
    twin.step("GUESS: owl")
    assert twin.outcome == "success"
    assert (master.outcome, master.role) == (None, "guesser")
