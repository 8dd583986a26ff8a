"""Facts about taboo: rules, scores, instances, scripted players, recorded episodes."""

import copy
import math
import random
import re

import pytest

from games.contract import Instance
from games.errors import InstanceError, StudyError
from games.kit.lexicon import read_lexicon
from games.kit.splits import SPLITS, split_of
from games.session import expert_pair, play_episode
from games.taboo import GAME
from games.taboo.expert import choose_words, list_vocabulary
from games.taboo.generator import list_targets
from games.taboo.rules import find_clash
from tests.games.noted import assert_noted
from tests.games.playing import play, score_episode, take_notes

DATA = {"target_word": "horse", "related_word": ["ride", "pony", "race track"]}
WRONG = ["CLUE: a", "GUESS: cow"]


def instance(**changes: object) -> Instance:
    """Return an instance about a horse."""
    return Instance("taboo", "high_en", "high-0001", DATA | changes)


def played(*replies: str, **changes: object) -> object:
    """Return a master that has been given some replies."""
    return play(instance(**changes), *replies)


@pytest.mark.parametrize(
    ("clue", "stem"),
    [
        ("CLUE: it gallops", None),
        ("CLUE: two horses", "hors"),
        ("CLUE: HORSE!", "hors"),
        ("CLUE: he rides it", "ride"),
        ("CLUE: a rider", None),
        ("CLUE: a race track animal", None),
        ("CLUE: it neighs\nhorse", None),
        ("CLUE: sea-horse", None),
        ("CLUE: hor.se", "hors"),
        ("CLUE:CLUE: horse", "hors"),
        ("CLUE:", None),
    ],
)
def test_clue_is_judged_by_stems(clue: str, stem: str | None) -> None:
    """A clue loses if a word between single spaces has a forbidden stem."""
    found = find_clash(clue, ["horse", "ride", "pony", "race track"])
    assert (found and found.stem) == stem


@pytest.mark.parametrize(
    ("replies", "outcome", "reason", "score"),
    [
        (["CLUE: it neighs", "GUESS: horse"], "success", "solved", 100),
        (["CLUE: it neighs", "GUESS:  Horse!"], "success", "solved", 100),
        (["CLUE: a", "GUESS: cow", "CLUE: b", "GUESS: horse"], "success", "solved", 50),
        ([*WRONG * 2, "CLUE: c", "GUESS: horse"], "success", "solved", 100 / 3),
        (["CLUE: a", "GUESS: a horse"] * 3, "lose", "turn limit", 0),
        (["CLUE: a", "GUESS: horses"] * 3, "lose", "turn limit", 0),
        (["CLUE: a pony"], "lose", "forbidden word", 0),
        (["clue: it neighs"], "aborted", "format", math.nan),
        (["It neighs. CLUE: it neighs"], "aborted", "format", math.nan),
        (["CLUE: it neighs", "horse"], "aborted", "format", math.nan),
        ([""], "aborted", "format", math.nan),
    ],
)
def test_outcome_and_score(
    replies: list[str], outcome: str, reason: str, score: float
) -> None:
    """Every course of the game has the outcome, reason and score of the rules."""
    master = played(*replies)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert master.main_score == pytest.approx(score, nan_ok=True)


def test_contexts() -> None:
    """The guesser sees its prompt and the clue, later both see raw replies only."""
    master = played(
        describer_prompt="$N$ $TARGET_WORD$\n$REL_WORD$", guesser_prompt="p"
    )
    assert master.observe() == "3 horse\n- ride\n- pony\n- race track"
    master.step("CLUE: it neighs")
    assert master.observe() == "p\n\nCLUE: it neighs"
    master.step("GUESS: cow")
    assert master.observe() == "GUESS: cow"
    master.step("CLUE: it trots")
    assert master.observe() == "CLUE: it trots"


def test_own_prompts_end_in_what_varies() -> None:
    """All that depends on the instance stands at the end of the describer's prompt."""
    first, other = played().observe(), played(target_word="moon").observe()
    assert first.partition("horse")[0] == other.partition("moon")[0]
    assert len(first.partition("horse")[0]) > 0.7 * len(first)


def test_guesser_is_not_told_the_target() -> None:
    """No target of the lexicon occurs as a word in the guesser's own prompt."""
    for word in read_lexicon():
        master = played("CLUE: x", target_word=word, related_word=[])
        assert not re.search(rf"\b{word}\b", master.observe())


def test_what_was_noted_and_scored_agrees() -> None:
    """The benchmark's own episodes have the same notes and turn scores here."""
    assert_noted("taboo")


def test_complaint_names_target_before_related_words() -> None:
    """The first forbidden word of a clue is named; the target, if one stem has two."""
    master = played("CLUE: a pony rides horses", related_word=["horses", "pony"])
    assert take_notes(master)[-1].content.startswith("Related word 'pony' (stem=poni)")
    master = played("CLUE: horses", related_word=["horses", "pony"])
    assert take_notes(master)[-1].content.startswith("Target word 'horse' (stem=hors)")


def test_solved_in_the_last_round_both_ends_are_noted() -> None:
    """The last round is noted as such even if the word is guessed in it."""
    master = played(*WRONG, "CLUE: b", "GUESS: horse", max_turns=2)
    notes = [(note.round, note.kind) for note in take_notes(master)]
    assert notes[-2:] == [(1, "max rounds reached"), (1, "correct guess")]


def test_request_counts_are_per_round() -> None:
    """An abort in round 2 counts as one violated request of two."""
    counts = score_episode(played("CLUE: a", "GUESS: b", "no"))
    assert counts["Request Count"] == 2
    assert counts["Violated Request Count"] == 1
    assert counts["Request Success Ratio"] == 0.5
    counts = score_episode(played(*["CLUE: a", "GUESS: b"] * 2, "no"))
    assert counts["Request Success Ratio"] == 2 / 3


def test_a_guess_without_its_tag_in_the_last_round_is_noted_as_both() -> None:
    """It aborts, and yet the last round is over; a clue's is not."""
    master = played(*WRONG, "CLUE: b", "horse", max_turns=2)
    kinds = [note.kind for note in take_notes(master)]
    assert kinds[-2:] == ["invalid format", "max rounds reached"]
    assert take_notes(played(*WRONG, "b", max_turns=2))[-1].kind == "invalid format"


@pytest.mark.parametrize(
    "reply",
    [
        "CLUE:" + "ay" * 500000,
        "\x00\x07",
        "CLUE: " + "a " * 500000,
        "CLUE: ((([[",
        "CLUE: \u202e� ｱ",
        "GUESS:" + "\n" * 100000,
        "CLUE:" * 200000,
    ],
)
def test_any_text_is_judged(reply: str) -> None:
    """No reply whatsoever raises, of the describer or of the guesser."""
    assert played(reply).outcome in (None, "aborted")
    assert played("CLUE: a", reply).reason in ("", "format")


def test_bad_instances_are_refused() -> None:
    """A missing target, or a related word that is no text, is refused."""
    for data in ({"related_word": []}, DATA | {"related_word": [1]}):
        with pytest.raises(InstanceError):
            GAME.master(Instance("taboo", "high_en", "x", data))


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_splits_share_no_target(variant: str) -> None:
    """Each split has its own targets, and a call never repeats one."""
    seen: set[str] = set()
    for split in SPLITS:
        num = len(list_targets(variant, split))
        words = {
            data["target_word"]
            for data in GAME.generate(variant, split, num, random.Random(0))
        }
        assert len(words) == num >= 40
        assert not words & seen
        seen |= words


def test_generator_is_deterministic_and_says_when_it_is_exhausted() -> None:
    """The same seed gives the same instances; too many of them are an error."""
    one, two = (GAME.generate("low_en", "train", 9, random.Random(5)) for _ in "ab")
    assert one == two
    with pytest.raises(StudyError, match="lower instances"):
        GAME.generate("low_en", "test", 10_000, random.Random(5))


def test_every_clue_of_the_lexicon_is_allowed() -> None:
    """No clue is longer than eight words or breaks the rules of its own word."""
    for word, entry in read_lexicon().items():
        assert len(set(entry.related)) == 3 and entry.clues, word
        for clue in entry.clues:
            assert len(clue.split()) <= 8, clue
            assert find_clash(clue, [word, *entry.related]) is None, (word, clue)


@pytest.mark.parametrize(("skill", "least", "most"), [(1, 0.9, 1), (0, 0, 0.1)])
def test_experts_win_by_skill(skill: float, least: float, most: float) -> None:
    """A pair of experts nearly always wins at skill 1 and nearly never at 0."""
    won = [
        play_episode(GAME, i, expert_pair(GAME, i, skill, seed)).outcome == "success"
        for variant in GAME.spec.variants
        for seed, data in enumerate(
            GAME.generate(variant, "test", 40, random.Random(1))
        )
        for i in [Instance("taboo", variant, f"{variant}-{seed}", data)]
    ]
    assert least <= sum(won) / len(won) <= most


@pytest.mark.parametrize(
    ("clue", "word"),
    [
        ("This large animal has a long trunk and big ears.", "elephant"),
        ("A person who flies airplanes", "pilot"),
        ("You use it to cut paper, it has two blades", "scissors"),
        ("The frozen form of water", "ice"),
    ],
)
def test_guesser_understands_free_text(clue: str, word: str) -> None:
    """The expert finds a word by a clue that is not the lexicon's."""
    assert word in choose_words([clue], list(read_lexicon()))


def test_guesser_learns_nothing_from_empty_clues() -> None:
    """A clue of unknown words singles nothing out."""
    assert choose_words(["xyzzy blorb"], list(read_lexicon())) == []


def test_guesser_knows_only_words_of_its_split() -> None:
    """A wrong guess in a training episode is never a word that a test asks for."""
    target = next(word for word in read_lexicon() if split_of(word) == "train")

    assert {split_of(word) for word in list_vocabulary(target)} == {"train"}


def test_guesser_never_repeats_a_guess() -> None:
    """What was guessed before is not guessed again."""
    i = Instance("taboo", "high_en", "x", DATA | {"target_word": "nothing"})
    guess = GAME.expert(i, "guesser", 1.0, random.Random(0))
    messages: list[dict[str, str]] = []
    for _ in range(30):
        clue = "CLUE: it has to do with cows"
        messages += [{"role": "user", "content": clue}]
        messages += [{"role": "assistant", "content": guess(messages)}]
    guesses = [one["content"] for one in messages[1::2]]
    assert len(guesses) == len(set(guesses)) == 30


def test_copy_goes_on_independently() -> None:
    """A deep copy of a master can end while the original goes on."""
    master = played("CLUE: it neighs")
    twin = copy.deepcopy(master)
    twin.step("GUESS: horse")
    assert twin.outcome == "success"
    assert (master.outcome, master.role) == (None, "guesser")
