"""Facts about codenames: rules, scores, instances, scripted players, recordings."""

import copy
import math
import random
import re
from typing import Any

import pytest

from games.checks.hostile import HOSTILE
from games.codenames import GAME
from games.codenames.association import choose_clue, rank_words
from games.codenames.board import KINDS, OPPONENT, TEAM
from games.codenames.generator import list_words
from games.codenames.master import Codenames
from games.codenames.rules import read_clue, read_guess
from games.codenames.scores import VARIABLES
from games.contract import Instance
from games.errors import InstanceError
from games.kit.lexicon import read_lexicon
from games.kit.splits import SPLITS, split_of
from games.session import expert_pair, play_episode
from tests.games.noted import assert_noted
from tests.games.playing import list_keys, play, score_episode, score_turns, take_notes

WORDS = {
    "team": ["owl", "eagle", "hammer"],
    "opponent": ["piano", "river"],
    "innocent": ["soup", "knife"],
    "assassin": ["bomb"],
}
BOARD = ["soup", "owl", "piano", "bomb", "hammer", "river", "eagle", "knife"]
DATA = {"board": BOARD, "assignments": WORDS}
NO_OPPONENT = {kind: ["owl"] * (kind == TEAM) for kind in KINDS}
BIRDS = "CLUE: bird\nTARGETS: owl, eagle"


def instance(**changes: object) -> Instance:
    """Return an instance on a small board, on which the opponent reveals the piano."""
    data = DATA | {"opponent_reveals": ["piano"]} | changes
    return Instance("codenames", "concrete", "concrete-0001", data)


def played(*replies: str, **changes: object) -> Codenames:
    """Return a master that has been given some replies."""
    return play(instance(**changes), *replies)


@pytest.mark.parametrize(
    ("reply", "clue"),
    [
        ("CLUE: bird\nTARGETS: owl, eagle", "bird"),
        ("TARGETS: owl,eagle\nCLUE: <Bird>", "bird"),
        ("CLUE: 'bird2'.\nTARGETS: 'Owl', eagle.", "bird"),
        ("CLUE: flying\nTARGETS: owl, piano", "flying"),
        ("CLUE: soups\nTARGETS: owl", None),
        ("CLUE: knives\nTARGETS: owl", None),
        ("CLUE: owl\nTARGETS: eagle", None),
        ("CLUE: sea bird\nTARGETS: owl", None),
        ("CLUE: bird, 2\nTARGETS: owl", None),
        ("CLUE: bird,2\nTARGETS: owl", None),
        ("CLUE: ,,bird,,\nTARGETS: owl", "bird"),
        ("CLUE: bird\nTARGETS: owl,,eagle", None),
        ("CLUE: bird\nTARGETS: owl, owl", None),
        ("CLUE: bird\nTARGETS: owl, crow", None),
        ("CLUE: bird\n\nTARGETS: owl", None),
        ("CLUE:bird\nTARGETS: owl", None),
        ("clue: bird\nTARGETS: owl", None),
        ("CLUE: bird\nTARGET: owl", None),
        ("CLUE: bird", None),
    ],
)
def test_clue_is_judged(reply: str, clue: str | None) -> None:
    """A clue is one word, no form of a hidden one, for distinct hidden words."""
    said = read_clue(reply, BOARD)
    assert (said.fault is None) == (clue is not None)
    assert said.clue == (clue or said.clue)


@pytest.mark.parametrize(
    ("reply", "is_valid"),
    [
        ("GUESS: owl", True),
        ("GUESS: Owl,'eagle'.", True),
        ("GUESS: owl, eagle, soup", False),
        ("GUESS: owl, owl", False),
        ("GUESS: bird", False),
        ("GUESS: crow", False),
        ("GUESS: owl\neagle", False),
        ("GUESS:owl", False),
        ("owl", False),
    ],
)
def test_guess_is_judged(reply: str, is_valid: bool) -> None:
    """Guesses are distinct hidden words, as many as there are targets at most."""
    assert (read_guess(reply, BOARD, "bird", 2).fault is None) == is_valid


def test_words_with_stripped_characters_are_counted() -> None:
    """Every target that holds one counts, even if the clue is not allowed."""
    assert read_clue("CLUE: owl.\nTARGETS: eagle, 'soup', <b>", BOARD).stripped == 3


def test_the_clue_is_never_a_valid_guess() -> None:
    """Not even if it stands on the board, as it may once its digits are gone."""
    assert read_guess("GUESS: owl", BOARD, "owl", 2).fault


@pytest.mark.parametrize(
    ("replies", "outcome", "reason", "score"),
    [
        ([BIRDS, "GUESS: owl, eagle", "CLUE: tool\nTARGETS: hammer", "GUESS: hammer"],
         "success", "solved", 100),
        (["CLUE: x\nTARGETS: owl, eagle, hammer", "GUESS: owl, eagle, hammer"],
         "success", "solved", 100),
        ([BIRDS, "GUESS: river"], "lose", "opponent won", 0),
        ([BIRDS, "GUESS: owl", BIRDS.replace("owl, ", ""), "GUESS: eagle"],
         "lose", "opponent won", 0),
        ([BIRDS, "GUESS: owl, bomb"], "lose", "assassin", 0),
        ([BIRDS, "GUESS: owl", BIRDS], "aborted", "format", math.nan),
        ([BIRDS, "GUESS: piano", "CLUE: x\nTARGETS: river", "GUESS: piano"],
         "aborted", "format", math.nan),
        ([BIRDS, ""], "aborted", "format", math.nan),
        ([""], "aborted", "format", math.nan),
    ],
)  # fmt: skip
def test_outcome_and_score(
    replies: list[str], outcome: str, reason: str, score: float
) -> None:
    """Every course of the game has the outcome, reason and score of the rules."""
    changes = {"opponent_reveals": []} if "piano" in replies[-1] else {}
    if replies[-1] == "GUESS: piano":
        changes["opponent_difficulty"] = 0
    master = played(*replies, **changes)
    assert (master.outcome, master.reason) == (outcome, reason)
    assert master.main_score == pytest.approx(score, nan_ok=True)


LAST_WORD = [BIRDS, "GUESS: owl"]
"""Replies after which the opponent, which reveals two words a round, has them all."""


@pytest.mark.parametrize(
    ("clue", "outcome", "reason"),
    [
        ("CLUE: tool\nTARGETS: hammer", "lose", "opponent won"),
        ("CLUE: tool\nTARGETS: piano", "aborted", "format"),
        ("tool", "aborted", "format"),
    ],
)
def test_by_the_rules_of_v3_a_clue_comes_before_the_loss(
    clue: str, outcome: str, reason: str
) -> None:
    """By v2 the opponent's last word ends the episode, by v3 the clue after it."""
    old = played(*LAST_WORD, opponent_difficulty=2)
    assert (old.outcome, old.reason, old.ended_by) == (
        "lose",
        "opponent won",
        "guesser",
    )
    new = played(*LAST_WORD, clue, opponent_difficulty=2, rules="v3")
    assert (new.outcome, new.reason, new.ended_by) == (outcome, reason, "cluegiver")


@pytest.mark.parametrize(
    ("guess", "reason"),
    [("owl, eagle, hammer", "solved"), ("piano, river", ""), ("bomb", "assassin")],
)
def test_by_the_rules_of_v3_the_teams_own_guesses_end_it_at_once(
    guess: str, reason: str
) -> None:
    """What the team itself reveals is noticed at once by both rules."""
    replies = ["CLUE: x\nTARGETS: owl, eagle, hammer", f"GUESS: {guess}"]
    for rules in ("v2", "v3"):
        master = played(*replies, opponent_difficulty=0, rules=rules)
        assert (master.reason, master.round) == (reason, int(not reason))


def test_by_the_rules_of_v3_the_opponent_moves_in_the_next_round() -> None:
    """The same word is revealed, and noted in the round after."""
    rounds = {}
    for rules in ("v2", "v3"):
        master = played(BIRDS, "GUESS: owl", rules=rules)
        (note,) = (n for n in take_notes(master) if n.kind == "opponent revealed")
        rounds[rules] = (note.round, note.content["word"])
        contexts = master.observe()
    assert rounds == {"v2": (0, "piano"), "v3": (1, "piano")}
    assert contexts == played(BIRDS, "GUESS: owl").observe()


def test_what_was_noted_and_scored_agrees() -> None:
    """The benchmark's own episodes have the same notes, turn scores and keys here."""
    assert_noted("codenames")


@pytest.mark.parametrize(
    ("replies", "player", "kind"),
    [
        (["a\nb\nc"], "Cluegiver", "rambling error"),
        (["TARGETS: owl"], "Cluegiver", "prefix error"),
        (["CLUE: bird"], "Cluegiver", "prefix error"),
        (["CLUE: sea bird\nTARGETS: owl"], "Cluegiver", "clue contains several words"),
        (["CLUE: soups\nTARGETS: owl"], "Cluegiver",
         "clue is morphologically related to word on the board"),
        (["CLUE: bird\nTARGETS: owl, owl"], "Cluegiver", "target was named twice"),
        (["CLUE: bird\nTARGETS: crow"], "Cluegiver", "target is hallucination"),
        ([BIRDS, "GUESS: owl", BIRDS], "Cluegiver", "target was already guessed"),
        ([BIRDS, "owl"], "Guesser", "prefix error"),
        ([BIRDS, "GUESS: owl\neagle"], "Guesser", "rambling error"),
        ([BIRDS, "GUESS: owl,eagle,soup"], "Guesser", "wrong number of guesses"),
        ([BIRDS, "GUESS: bird"], "Guesser", "guess is clue word"),
        ([BIRDS, "GUESS: owl, owl"], "Guesser", "guess was named twice"),
        ([BIRDS, "GUESS: crow"], "Guesser", "guess word is hallucination"),
    ],
)  # fmt: skip
def test_each_fault_is_noted(replies: list[str], player: str, kind: str) -> None:
    """The referee notes who broke which rule, and what was said, commas spaced."""
    master = played(*replies)
    *_, note = take_notes(master)
    said = note.content
    assert note.kind == "validation error"
    assert (said["player"], said["type"]) == (player, kind)
    text = replies[-1].replace(",eagle,", ", eagle, ")
    assert said["utterance"] in text
    assert score_turns(master)[str(master.round)][f"{player} validation error"] == 1


@pytest.mark.parametrize("clue", ["bird, 2", "bird,2", "'bird', 2.", "sea bird, 23"])
def test_the_guesser_is_blamed_for_a_number_behind_the_clue(clue: str) -> None:
    """Targets are not looked at: of the words that hold a comma, the clue counts."""
    master = played(f"CLUE: {clue}\nTARGETS: 'owl', <crow>")
    assert (master.reason, master.ended_by) == ("format", "cluegiver")
    fault = take_notes(master)[-1].content
    assert fault["player"] == "Guesser"
    assert fault["type"] == "clue line contains the number of targets"
    turn, scores = score_turns(master)["0"], score_episode(master)
    assert turn["Guesser validation error"] == 1
    assert turn["Cluegiver validation error"] == 0
    assert (scores["Cluegiver strip words"], scores["Guesser strip words"]) == (1, 0)
    flags = list_keys(master)["Cluegiver engaged flags"]
    assert flags["STRIP WORDS"] == 1


def test_an_end_by_guesses_is_noted_twice() -> None:
    """As in the recordings: twice after guesses, once after the opponent's move."""
    ends = [BIRDS, "GUESS: bomb"], LAST_WORD
    for replies, num in zip(ends, (2, 1), strict=True):
        notes = take_notes(played(*replies, opponent_difficulty=2))
        assert [note.kind for note in notes].count("game end") == num


def test_the_experiment_is_among_the_scores() -> None:
    """An episode's scores say what its variant varies."""
    scores = score_episode(played(""))
    assert scores["experiment name"] == "concrete"
    assert scores["experiment variable"] == "Word Concreteness"
    assert {variant.partition("_")[0] for variant in GAME.spec.variants} == {*VARIABLES}


def test_contexts() -> None:
    """Later prompts stand behind what was revealed, and name only hidden words.

    But the cluegiver does not see yet what the opponent revealed last.
    """
    prompts = {
        "cluegiver_prompt": "$team$; $opponent$; $innocent$; $assassin$",
        "guesser_prompt": "$clue$ $number$ $board$ $other$",
        "cluegiver_next_prompt": "$team$; $opponent$; $innocent$; $assassin$",
        "guesser_next_prompt": "$clue$ $number$ $board$",
    }
    master = played(**prompts)
    assert master.observe() == "owl, eagle, hammer; piano, river; soup, knife; bomb"
    master.step("CLUE: $board$\nTARGETS: owl, eagle")
    assert master.observe() == f"$board$ 2 {', '.join(BOARD)} $other$"
    master.step("GUESS: owl, soup")
    told = "The word owl was guessed correctly. The word soup was guessed but is an "
    told += "innocent word."
    assert master.observe() == (
        f"{told} Your teammate's turn ended there.\n"
        "eagle, hammer; piano, river; knife; bomb"
    )
    master.step("CLUE: x\nTARGETS: eagle")
    assert master.observe() == (
        f"{told} Your turn ended there.\nx 1 bomb, hammer, river, eagle, knife"
    )


def test_own_prompts_end_in_what_varies() -> None:
    """All that depends on the instance stands at the end of the first prompts."""
    cluegiver, guesser = played().observe(), played(BIRDS).observe()
    assert len(cluegiver.partition("owl")[0]) > 0.7 * len(cluegiver)
    assert len(guesser.partition("bird")[0]) > 0.7 * len(guesser)


def test_opponent_is_decided_by_the_instance() -> None:
    """Without a script the board seeds the opponent; it reveals words of its own."""
    data = GAME.generate("opponent_difficult", "train", 1, random.Random(0))[0]
    whole = Instance("codenames", "opponent_difficult", "x", data)
    word = data["assignments"]["innocent"][0]
    seen = set()
    for _ in range(3):
        master = GAME.master(whole)
        master.step(f"CLUE: qwertyuiop\nTARGETS: {word}")
        master.step(f"GUESS: {word}")
        master.step(f"CLUE: qwertyuiop\nTARGETS: {data['assignments'][TEAM][0]}")
        seen.add(master.observe())
    (context,) = seen
    hidden = [
        w for w in data["assignments"][OPPONENT] if re.search(rf"\b{w}\b", context)
    ]
    assert len(hidden) == 6


BOMBS = HOSTILE | {
    "commas alone": "," * 2**20 + "x",
    "words": ", ".join(["x"] * 2**18),
    "words without blanks": ",x" * 2**19,
    "plurals": "s" * 2**20,
    "nested": "([{<'\"" * 2**17,
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("before", ["", "CLUE: ", "CLUE: a\nTARGETS: "])
def test_any_text_is_judged(name: str, before: str) -> None:
    """No reply whatsoever raises, of the cluegiver or the guesser."""
    for replies in ([], [BIRDS]):
        master = played(*replies)
        reply = before.replace("CLUE: ", "GUESS: ") if replies else before
        master.step(reply + BOMBS[name])
        assert master.outcome in (None, "aborted")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"assignments": {"team": BOARD}}, "assignments need"),
        ({"board": BOARD[1:]}, "assigned once"),
        ({"assignments": WORDS | {"assassin": ["owl"]}}, "assigned once"),
        ({"assignments": WORDS | {"assassin": [1]}}, "must be a text"),
        ({"board": ["owl"], "assignments": NO_OPPONENT}, "both teams"),
        ({"opponent_reveals": ["owl"]}, "words of its own"),
    ],
)  # fmt: skip
def test_bad_instances_are_refused(changes: dict[str, Any], said: str) -> None:
    """A board that cannot be played on is refused in a sentence."""
    with pytest.raises(InstanceError, match=said):
        played(**changes)


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_boards_keep_to_their_split_and_sizes(variant: str) -> None:
    """A split's boards have only its own words, dealt out in the variant's numbers."""
    sizes = {"risk_low": [9, 8, 8, 0], "risk_high": [9, 8, 3, 5]}
    for split in SPLITS:
        boards = GAME.generate(variant, split, 10, random.Random(3))
        assert len({tuple(sorted(data["board"])) for data in boards}) == 10
        for data in boards:
            owned = [len(data["assignments"][kind]) for kind in KINDS]
            assert owned == sizes.get(variant, [9, 8, 7, 1])
            assert {split_of(word) for word in data["board"]} == {split}
            assert set(data["board"]) <= set(list_words(variant, split))
            GAME.master(Instance("codenames", variant, "x", data))


def test_associations_are_easy_or_difficult() -> None:
    """Owners share few categories in one variant, and most of them in the other."""

    def mean_owners(variant: str) -> float:
        owners = []
        for data in GAME.generate(variant, "train", 20, random.Random(1)):
            found: dict[str, set[str]] = {}
            for kind, words in data["assignments"].items():
                for word in words:
                    found.setdefault(read_lexicon()[word].path[0], set()).add(kind)
            owners += [len(kinds) for kinds in found.values()]
        return sum(owners) / len(owners)

    assert mean_owners("association_easy") == 1
    assert mean_owners("association_difficult") > 2


def test_generator_is_deterministic() -> None:
    """The same seed gives the same instances."""
    one, two = (GAME.generate("abstract", "test", 9, random.Random(5)) for _ in "ab")
    assert one == two


def test_experts_associate_alike() -> None:
    """The words nearest the best clue are those that it was given for."""
    team, others = ("owl", "eagle", "piano"), ("hammer", "soup", "river")
    clue, targets = choose_clue(team, others, "train")
    assert rank_words(clue, [*others, *team])[: len(targets)] == list(targets)
    assert set(rank_words("bird", BOARD)[:2]) == {"eagle", "owl"}
    assert rank_words("xyzzy", BOARD) == []


@pytest.mark.parametrize(("skill", "least", "most"), [(1, 0.9, 1), (0, 0, 0.1)])
def test_experts_win_by_skill(skill: float, least: float, most: float) -> None:
    """A pair of experts nearly always wins at skill 1 and nearly never at 0."""
    won = [
        play_episode(GAME, i, expert_pair(GAME, i, skill, seed)).outcome == "success"
        for variant in GAME.spec.variants
        for seed, data in enumerate(GAME.generate(variant, "test", 8, random.Random(1)))
        for i in [Instance("codenames", variant, f"{variant}-{seed}", data)]
    ]
    assert least <= sum(won) / len(won) <= most


def test_copy_goes_on_independently() -> None:
    """A deep copy of a master can end while the original goes on."""
    master = played("CLUE: x\nTARGETS: owl, eagle, hammer")
    twin = copy.deepcopy(master)
    twin.step("GUESS: owl, eagle, hammer")
    assert twin.outcome == "success"
    assert (master.outcome, master.role) == (None, "guesser")
    master.step("GUESS: owl")
    assert master.observe().count("owl") == 1
