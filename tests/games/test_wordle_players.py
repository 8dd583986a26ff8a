"""Facts about wordle's words, instances and scripted players."""

import random
import re
from collections.abc import Iterator

import pytest

from games.contract import Game, Instance
from games.errors import StudyError
from games.kit.splits import SPLITS, split_of
from games.registry import GAMES
from games.session import expert_pair, play_episode
from games.wordle.expert import judge
from games.wordle.generator import list_targets
from games.wordle.knowledge import (
    Seen,
    choose_by_clue,
    list_candidates,
    read_chat,
    sum_up,
)
from games.wordle.rules import mark_letters, read_guess, write_feedback
from games.wordle.words import read_allowed, read_targets

NAMES = ("wordle", "wordle_withclue", "wordle_withcritic")


def test_words() -> None:
    """All words have five letters; targets may be guessed and have a short clue."""
    assert len(read_allowed()) > 11_000
    assert all(re.fullmatch("[a-z]{5}", word) for word in read_allowed())
    for word, entry in read_targets().items():
        assert word in read_allowed()
        assert entry.frequency in ("high", "medium")
        assert 2 <= len(entry.clue.split()) <= 15, entry.clue
        assert word not in re.findall("[a-z]+", entry.clue.lower())


@pytest.mark.parametrize("name", NAMES)
def test_guesser_is_not_told_the_target(name: str) -> None:
    """No target occurs in the guesser's own first message."""
    for word, entry in read_targets().items():
        data = {"target_word": word, "target_word_clue": entry.clue}
        game = GAMES[name]
        told = game.master(Instance(name, "x", "x", data)).observe()
        assert not re.search(rf"\b{word}\b", told.lower())


@pytest.mark.parametrize("name", NAMES)
def test_splits_share_no_target(name: str) -> None:
    """Each split has its own targets, and a call never repeats one."""
    game, seen = GAMES[name], set()
    for variant in game.spec.variants:
        for split in SPLITS:
            num = len(list_targets(variant, split))
            found = game.generate(variant, split, num, random.Random(0))
            words = {data["target_word"] for data in found}
            assert len(words) == num >= 40
            assert not words & seen
            seen |= words


def test_generator_is_deterministic_and_says_when_it_is_exhausted() -> None:
    """The same seed gives the same instances; too many of them are an error."""
    game = GAMES["wordle"]
    variant = game.spec.variants[0]
    one, two = (game.generate(variant, "train", 9, random.Random(5)) for _ in "ab")
    assert one == two
    with pytest.raises(StudyError, match="lower instances"):
        game.generate(variant, "test", 10_000, random.Random(5))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("skill", "least", "most"), [(1, 0.9, 1), (0, 0, 0.1)])
def test_experts_win_by_skill(
    name: str, skill: float, least: float, most: float
) -> None:
    """Experts nearly always win at skill 1 and nearly never at 0."""
    won = [
        play_episode(game, i, expert_pair(game, i, skill, seed)).outcome == "success"
        for seed, (game, i) in enumerate(generated(name, 30))
    ]
    assert least <= sum(won) / len(won) <= most


def generated(name: str, num: int) -> Iterator[tuple[Game, Instance]]:
    """Yield a game with training instances of all its variants."""
    game = GAMES[name]
    for variant in game.spec.variants:
        for data in game.generate(variant, "train", num, random.Random(1)):
            yield game, Instance(name, variant, "x", data)


def test_guesser_keeps_to_the_feedback() -> None:
    """A skilled guesser's every guess fits all feedback before it."""
    for seed, (game, i) in enumerate(generated("wordle", 10)):
        episode = play_episode(game, i, expert_pair(game, i, 1, seed))
        guesses = [read_guess(turn.reply).value for turn in episode.turns]
        for number, guess in enumerate(guesses):
            for before in guesses[:number]:
                known = mark_letters(before, i.data["target_word"])
                assert mark_letters(before, guess) == known


def test_guesser_knows_only_words_of_its_split() -> None:
    """A wrong guess in a training episode is never a word that a test asks for."""
    for seed, (game, i) in enumerate(generated("wordle", 10)):
        episode = play_episode(game, i, expert_pair(game, i, 0.5, seed))
        assert {split_of(read_guess(t.reply).value) for t in episode.turns} == {"train"}


def test_guesser_finds_rare_words() -> None:
    """Where no common word fits the feedback, the allowed words do."""
    word = next(w for w in sorted(read_allowed()) if w not in read_targets())
    seen = Seen(marks=[(word, ("green",) * 5)])
    assert list_candidates(seen, split_of(word)) == [word]


def test_reading_a_chat() -> None:
    """Examples in the prompt are no feedback; opinions and refusals are understood."""
    chat = [
        "x\nguess_feedback: a<red>\nclue: example\n\nclue: a fruit",
        "explanation: a\nguess: zzzzz",
        "u\n\nguess: word",
        "explanation: a\nguess: apple",
        "clue: a fruit\nguess_agreement: no\nagreement_explanation: b",
    ]
    seen = read_chat([{"content": text} for text in chat])
    assert (seen.clue, seen.marks, seen.refused) == ("a fruit", [], {"zzzzz"})
    assert (seen.proposal, seen.opinion) == ("apple", "no")
    chat += [
        "explanation: a\nguess: cider",
        f"guess_feedback: {write_feedback('cider', 'grape')}\n\nr",
    ]
    seen = read_chat([{"content": text} for text in chat])
    assert seen.marks == [("cider", mark_letters("cider", "grape"))]
    assert seen.opinion == ""


def test_summary_of_feedback() -> None:
    """Placed letters, others of the word, and letters that it has not."""
    marks = [(guess, mark_letters(guess, "grape")) for guess in ("apple", "cider")]
    assert sum_up(marks) == "____e, with a p r, without c d i l"


def test_clues_are_understood() -> None:
    """Words of a clue lead to the target whose own clue shares them."""
    assert "grape" in choose_by_clue(read_targets()["grape"].clue, list(read_targets()))
    assert choose_by_clue("xyzzy blorb", list(read_targets())) == []


def test_critic_judges_by_the_clue() -> None:
    """It agrees with the word that the clue means and with no other known one."""
    clue, split = read_targets()["grape"].clue, split_of("grape")

    def opinion(word: str, clue: str, *before: str) -> str:
        shown = f"clue: {clue}\nexplanation: a\nguess: {word}"
        told = [{"role": "user", "content": text} for text in (*before, shown)]
        return judge(told, split)[1]

    assert opinion("grape", clue) == "yes"
    assert opinion("horse", clue) == "no"
    assert opinion("horse", "xyzzy") == "yes"
    assert opinion("horse", "xyzzy", "clue: x\nexplanation: a\nguess: horse") == "no"
