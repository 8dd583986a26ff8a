"""Facts about wordle and its variants: rules, scores, recordings."""

import copy
import math

import pytest

from games.checks.hostile import HOSTILE
from games.contract import Instance
from games.errors import InstanceError
from games.registry import GAMES
from games.wordle.clembench import COMPLAINTS, UNKNOWN
from games.wordle.master import CRITIC, GUESSER
from games.wordle.rules import (
    FormFault,
    Said,
    mark_letters,
    read_agreement,
    read_guess,
    write_feedback,
)
from games.wordle.words import read_allowed
from tests.games.noted import assert_noted
from tests.games.playing import list_keys, play, score_episode, score_turns, take_notes

NAMES = ("wordle", "wordle_withclue", "wordle_withcritic")
DATA = {"target_word": "grape", "target_word_clue": "wine is made of it"}
YES, NO = (f"explanation: b\nagreement: {said}" for said in ("yes", "no"))


def says(word: str, why: str = "a") -> str:
    """Return a guesser's reply."""
    return f"explanation: {why}\nguess: {word}"


def instance(name: str = "wordle", **changes: object) -> Instance:
    """Return an instance about a grape."""
    return Instance(name, GAMES[name].spec.variants[0], "high-0001", DATA | changes)


def played(*replies: str, name: str = "wordle", **changes: object) -> object:
    """Return a master that has been given some replies."""
    return play(instance(name, **changes), *replies)


def proposed(word: str, opinion: str = YES, final: str = "") -> list[str]:
    """Return the three replies of a round with a critic."""
    return [says(word), opinion, says(final or word)]


@pytest.mark.parametrize(
    ("guess", "target", "marks"),
    [
        ("grape", "grape", "ggggg"),
        ("apple", "grape", "yyrrg"),
        ("sassy", "essay", "yygrg"),
        ("geese", "eagle", "yyrrg"),
        ("eerie", "grape", "rryrg"),
        ("light", "month", "rrryy"),
        ("allot", "llama", "ygyrr"),
    ],
)
def test_colours(guess: str, target: str, marks: str) -> None:
    """Greens come first; a letter is yellow only while the word has copies left."""
    names = {"g": "green", "y": "yellow", "r": "red"}
    assert mark_letters(guess, target) == tuple(names[mark] for mark in marks)


def test_feedback_is_spelt_letter_by_letter() -> None:
    """A guess comes back with a colour behind each letter."""
    assert (
        write_feedback("apple", "grape") == "a<yellow> p<yellow> p<red> l<red> e<green>"
    )


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("explanation: why\nguess: grape", Said("why", "grape")),
        ("explanation:why\nGuess:  GRAPE ", Said("why", "grape")),
        ("explanation: why guess: grape", Said("why guess: grape", "grape")),
        ("explanation: why\nMy guess: grape", Said("why", "grape")),
        ("explanation:\nwhy guess: grape", Said("", "grape")),
        ("explanation:\nguess: grape", Said("", "grape")),
        ("explanation: my guess: is this\nguess: grape", FormFault.ONCE),
        ("explanation: why\nguess: grape\nAnd so on", FormFault.LINES),
        ("explanation: why\n\nguess: grape", FormFault.LINES),
        ("explanation: why\nguess: grapes", FormFault.LENGTH),
        ("explanation: why\nguess: grap3", FormFault.LETTERS),
        ("explanation: why\nguess: a pie", FormFault.LETTERS),
        ("explanation: why\nguess: grape.", FormFault.LETTERS),
        ("explanation: why", FormFault.ONCE),
        ("Explanation: why\nguess: grape", FormFault.START),
        ("guess: grape\nexplanation: why", FormFault.START),
        ("grape", FormFault.START),
    ],
)
def test_format_of_a_guess(reply: str, said: Said | FormFault) -> None:
    """Two lines at most, beginning with the explanation, with one word of five."""
    assert read_guess(reply) == said


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("explanation: fits\nagreement: yes", Said("fits", "yes")),
        ("explanation: fits\nAgreement: NO", Said("fits", "no")),
        ("explanation: fits\nagreement: yes.", FormFault.OPINION),
        ("explanation: agreement: yes\nagreement: yes", FormFault.ONCE),
        ("agreement: yes", FormFault.START),
    ],
)
def test_format_of_an_opinion(reply: str, said: Said | FormFault) -> None:
    """An explanation and yes or no."""
    assert read_agreement(reply) == said


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("explanation: why\nguess: grape", Said("why", "grape")),
        ("EXPLANATION: why\nguess: grape", Said("why", "grape")),
        ("explanation: why\n\nguess: grape\nAnd so on", Said("why", "grape")),
        ("explanation: my guess: is\nguess: grape", Said("my guess: is", "grape")),
        ("explanation: a\nb\nguess: grape", Said("a\nb", "grape")),
        ("explanation: why guess: grape", FormFault.ONCE),
        ("explanation: why\nmy guess: is\nguess: grape", FormFault.ONCE),
        ("explanation: why\nguess: grapes", FormFault.LENGTH),
        ("why\nguess: grape", FormFault.START),
        ("", FormFault.START),
    ],
)
def test_format_of_a_guess_by_the_rules_of_v3(
    reply: str, said: Said | FormFault
) -> None:
    """Any number of lines; what the first says besides the explanation is ignored."""
    assert read_guess(reply, "v3") == said


@pytest.mark.parametrize("name", NAMES)
def test_rules_decide_what_aborts(name: str) -> None:
    """A reply of three lines aborts by the rules of v2, and goes on by those of v3."""
    reply = f"{says('apple')}\nAnd so on"
    assert played(reply, name=name).is_aborted
    assert played(reply, name=name, rules="v2").is_aborted
    assert played(reply, name=name, rules="v3").outcome is None
    with pytest.raises(InstanceError, match="has rules v2, v3, not v9"):
        played(name=name, rules="v9")


def test_rules_decide_what_aborts_a_critic() -> None:
    """A critic's opinion is read by the rules of the episode as well."""
    said = f"{YES}\nAnd so on"
    name = "wordle_withcritic"
    assert played(says("apple"), said, name=name).is_aborted
    assert played(says("apple"), said, name=name, rules="v3").role == GUESSER


@pytest.mark.parametrize("name", NAMES)
def test_what_was_noted_and_scored_agrees(name: str) -> None:
    """The benchmark's own episodes have the same notes, turn scores and keys here."""
    assert_noted(name)


def test_turn_scores() -> None:
    """Closeness counts colours; strategy counts letters kept, by the colour told."""
    scores = score_turns(played(says("apple"), says("paper"), says("grape")))
    assert [list(one.values()) for one in scores.values()] == [
        [3 + 3 + 0 + 0 + 5, 0],
        [3 + 3 + 0 + 3 + 3, 10 + 10 - 20 + 20],  # a yellow, p yellow and red, e green
        [25, 10 + 10 - 20 + 10 + 10],  # p yellow and red
    ]
    assert score_turns(played(says("grape")))["1"]["Strategy Score"] == 100
    assert math.isnan(score_turns(played("no"))["0"]["Strategy Score"])


def test_notes_name_each_fault() -> None:
    """An unknown word is noted each time, the fault that aborts with the abort."""
    master = played(says("apple"), says("zzzzz"), says("pear"))
    _, *notes = take_notes(master)
    assert [(note.round, note.kind, note.content) for note in notes] == [
        (1, "metadata", f"Error: {UNKNOWN}"),
        (1, "metadata", f"Error: {COMPLAINTS[FormFault.LENGTH]}"),
        (1, "invalid format", "game_result = ABORT"),
    ]


def test_keys_hold_all_that_was_proposed() -> None:
    """A proposal that no guess followed, and what the critic said of it, too."""
    name = "wordle_withcritic"
    replies = [*proposed("apple", NO, "cider"), says("grape"), NO, "no"]
    keys = list_keys(played(*replies, name=name))
    assert keys["Guesser Guesses"] == ["apple", "grape"]
    assert keys["Guesser Guesses Committed"] == ["cider"]
    assert keys["Critic Judgements"] == ["no", "no"]


@pytest.mark.parametrize(
    ("name", "scores"),
    [
        ("wordle", [100, 100, 100, 50, 30, 20]),
        ("wordle_withclue", [100, 50, 33.33, 25, 20, 16.67]),
        ("wordle_withcritic", [100, 50, 33.33, 25, 20, 16.67]),
    ],
)
def test_score_falls_with_the_round(name: str, scores: list[float]) -> None:
    """Each round has its score; six wrong guesses lose."""
    turn = proposed if name.endswith("critic") else lambda word: [says(word)]
    for wrong, score in enumerate(scores):
        master = played(*turn("apple") * wrong, *turn("grape"), name=name)
        assert (master.reason, master.main_score) == ("solved", score)
    master = played(*turn("apple") * 6, name=name)
    assert (master.outcome, master.reason, master.main_score) == (
        "lose",
        "turn limit",
        0,
    )


def test_broken_format_aborts() -> None:
    """Four letters abort at once, and the reply counts as violated."""
    master = played(says("apple"), says("pear"))
    assert (master.outcome, master.reason) == ("aborted", "format")
    assert math.isnan(master.main_score)
    scores = score_episode(master)
    assert (scores["Violated Request Count"], scores["Request Success Ratio"]) == (
        1,
        0.5,
    )
    assert math.isnan(scores["Guess Repetitions"])


@pytest.mark.parametrize("name", NAMES)
def test_five_unknown_words_in_a_row_are_forgiven(name: str) -> None:
    """A known word starts the count anew; the sixth in a row aborts, though read."""
    master = played(*[says("zzzzz")] * 5, says("grape"), name=name)
    assert not master.is_aborted
    master = played(*[says("zzzzz")] * 6, name=name)
    assert (master.outcome, master.reason) == ("aborted", "unknown words")
    assert score_episode(master)["Violated Request Count"] == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_episode_of_retries_ends(name: str) -> None:
    """The longest possible episode takes as many replies as the spec says."""
    retries = [says("zzzzz")] * 5
    a_round = [*retries, says("apple")]
    if name == "wordle_withcritic":
        a_round = [*a_round, NO, *a_round]
    assert played(*a_round * 6, name=name).reason == "turn limit"
    assert len(a_round * 6) == GAMES[name].spec.max_turns


def test_contexts_of_a_guesser() -> None:
    """The prompt, then feedback or a request to retry, each with a reminder."""
    own = {"guesser_prompt": "p", "guess_reminder": "r", "unknown_word": "u"}
    assert played(**own).observe() == "p"
    assert played(says("zzzzz"), **own).observe() == "u\n\nr"
    master = played(says("apple"), **own)
    marks = "a<yellow> p<yellow> p<red> l<red> e<green>"
    assert master.observe() == f"guess_feedback: {marks}\n\nr"
    master = played(**own, name="wordle_withclue")
    assert master.observe() == "p\n\nclue: wine is made of it"


def test_contexts_with_a_critic() -> None:
    """The critic sees clue and proposal; its opinion is passed on, then feedback."""
    own = {"critic_prompt": "c", "guess_reminder": "r", "agreement_reminder": "s"}
    shown = "clue: wine is made of it\nexplanation: a\nguess: apple"
    name = "wordle_withcritic"
    first = played(says("apple"), name=name, **own)
    assert (first.role, first.observe()) == (CRITIC, f"c\n\n{shown}")
    told = played(says("apple"), NO, name=name, **own)
    opinion = "guess_agreement: no\nagreement_explanation: b"
    assert told.role == GUESSER
    assert told.observe() == f"clue: wine is made of it\n{opinion}\n\nr"
    again = played(*proposed("apple"), says("apple"), name=name, **own)
    assert again.observe() == f"{shown}\n\ns"


def test_only_the_final_guess_counts() -> None:
    """A right proposal does not win, a right final guess does."""
    name = "wordle_withcritic"
    assert played(*proposed("grape", NO, "apple"), name=name).role == GUESSER
    assert played(*proposed("apple", NO, "grape"), name=name).outcome == "success"


def test_a_critic_is_not_asked_again() -> None:
    """An opinion that cannot be read aborts at once."""
    master = played(says("apple"), "I agree", name="wordle_withcritic")
    assert (master.reason, master.ended_by) == ("format", CRITIC)


def test_ratios_of_opinions() -> None:
    """How often a proposal stood after a yes and after a no; NaN before any."""
    name = "wordle_withcritic"
    rounds = [*proposed("apple"), *proposed("apple", NO)]
    rounds += proposed("cider", NO, "grape")
    ratios = score_episode(played(*rounds, name=name))
    assert ratios["Repetition-Guesser-On-Critic-Agreement"] == 1
    assert ratios["Repetition-Guesser-On-Critic-Disagreement"] == 0.5
    assert ratios["Guess Repetitions"] == 1
    rounds = [*proposed("apple"), *proposed("cider", YES, "apple") * 2]
    ratios = score_episode(played(*rounds, name=name))
    assert ratios["Repetition-Guesser-On-Critic-Agreement"] == 0.33
    assert ratios["Non-Repetition-Guesser-On-Critic-Agreement"] == 0.67
    ratios = score_episode(played(says("no"), name=name))
    assert math.isnan(ratios["Repetition-Guesser-On-Critic-Agreement"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_judged(name: str, text: str) -> None:
    """No reply whatsoever raises, behind whatever tags."""
    openings = [[], [says("apple")], [says("apple"), NO]]
    for opening in openings if name == "wordle_withcritic" else openings[:2]:
        for tag in ("", "explanation: ", "explanation: a\nguess: ", says("apple")):
            master = played(*opening, name=name)
            master.step((tag + text).strip())
            assert master.is_aborted or master.observe()


@pytest.mark.parametrize("name", NAMES)
def test_bad_instances_are_refused(name: str) -> None:
    """A target is a word that may be guessed, and a clue is there if there is one."""
    with pytest.raises(InstanceError, match="word list"):
        played(name=name, target_word="zzzzz")
    with pytest.raises(InstanceError, match="word list"):
        played(name=name, allowed_words="apple cider")
    if name != "wordle":
        with pytest.raises(InstanceError, match="target_word_clue"):
            played(name=name, target_word_clue=None)


def test_copy_goes_on_independently() -> None:
    """A deep copy of a master can end while the original goes on."""
    master = played(says("apple"))
    twin = copy.deepcopy(master)
    twin.step(says("grape"))
    assert twin.outcome == "success"
    assert (master.outcome, master.role) == (None, GUESSER)


def test_words_of_an_experiment_are_read_once() -> None:
    """Masters of instances with the same word list share one set of words."""
    text = " ".join(sorted(read_allowed()))
    one, two = (played(allowed_words=text) for _ in "ab")
    assert one._list_words() is two._list_words()
    assert copy.deepcopy(one)._list_words() is one._list_words()
