"""Events: what a reply is by every game's referee, in words that all games share."""

import copy

import pytest

from games.checks.conformance import make_instances
from games.events import (
    Accepted,
    Ended,
    Flaw,
    Illegal,
    Impossible,
    Malformed,
    Outcome,
    Verdict,
)
from games.kit.flaws import find_flaw
from games.kit.prompts import read_prompt
from games.registry import GAMES
from tests.games.playing import play

NO_TAG, WRONG_TAG, EXTRA, UNREADABLE = Flaw
GRID = "\n".join(["X X X X X"] * 5)
SAYS = "SAY: hi"
OFFER = "[Proposal: 99 <item>]"


def judge(game: str, *replies: str) -> Verdict:
    """Return the verdict on the last of some replies, on the first test instance."""
    instance = make_instances(GAMES[game], "test", seed=0)[0]
    item = instance.data.get("item_types_plural", [""])[0]
    target = instance.data.get("target_word", "")
    said = [r.replace("<item>", item).replace("<target>", target) for r in replies]
    return play(instance, *said).list_events(Verdict)[-1]


@pytest.mark.parametrize(
    ("game", "replies", "flaw"),
    [
        ("taboo", ["it flies"], NO_TAG),
        ("taboo", ["GUESS: bird"], WRONG_TAG),
        ("taboo", ["Well. CLUE: it flies"], EXTRA),
        ("taboo", ["CLUE: " + "x " * 3000], EXTRA),
        ("taboo", ["CLUE: zz", "bird"], NO_TAG),
        ("hellogame", ["Hello!"], NO_TAG),
        ("guesswhat", ["ANSWER: yes"], WRONG_TAG),
        ("guesswhat", ["QUESTION: Is it? Really?"], EXTRA),
        ("guesswhat", ["GUESS: a bird"], EXTRA),
        ("guesswhat", ["QUESTION: Is it big?", "ANSWER: perhaps"], UNREADABLE),
        ("guesswhat", ["QUESTION: Is it big?", "yes"], NO_TAG),
        ("wordle", ["guess: apple"], WRONG_TAG),
        ("wordle", ["explanation: a\nb\nguess: apple"], EXTRA),
        ("wordle", ["explanation: a"], NO_TAG),
        ("wordle", ["explanation: a\nguess: app"], UNREADABLE),
        ("codenames", ["CLUE: x"], NO_TAG),
        ("codenames", ["GUESS: x"], WRONG_TAG),
        ("codenames", ["CLUE: x\nTARGETS: y\nz"], EXTRA),
        ("codenames", ["CLUE: x y\nTARGETS: z"], UNREADABLE),
        ("privateshared", ["yes"], NO_TAG),
        ("privateshared", ["ANSWER: yes"], WRONG_TAG),
        ("privateshared", ["ASIDE: perhaps"], UNREADABLE),
        ("privateshared", ["ASIDE: yes\nor no"], EXTRA),
        ("adventuregame", ["go north"], NO_TAG),
        ("adventuregame", ["I think > go north"], EXTRA),
        ("clean_up", ["hello"], NO_TAG),
        ("clean_up", ["MOVE: A, (1, 1)"], WRONG_TAG),
        ("clean_up", ["Well. SAY: hello"], EXTRA),
        ("clean_up", [SAYS, "MOVE: A to the left"], UNREADABLE),
        ("dond", ["[2 hats]"], NO_TAG),
        ("dond", ["[Proposal: two hats]"], UNREADABLE),
        ("dond", ["[Proposal: ]", "no"], NO_TAG),
        ("matchit_ascii", ["An X."], NO_TAG),
        ("matchit_ascii", ["QUESTION: An X?"], WRONG_TAG),
        ("textmapworld", ["north"], NO_TAG),
        ("textmapworld", ["I say GO: north"], EXTRA),
        ("textmapworld", ["GO: up"], UNREADABLE),
        ("textmapworld", ["DONE!"], EXTRA),
        ("textmapworld_graphreasoning", ["GO: north"], WRONG_TAG),
        ("textmapworld_graphreasoning", ["north"], NO_TAG),
        ("textmapworld_graphreasoning", ['{"action": "GO: north"}'], UNREADABLE),
        ("imagegame", ["Put an X"], NO_TAG),
        ("imagegame", [GRID], WRONG_TAG),
        ("imagegame", ["Command: put\nan X"], EXTRA),
        ("imagegame", ["Command: x", f"Here:\n{GRID}"], EXTRA),
        ("imagegame", ["Command: x", "Command: y"], WRONG_TAG),
        ("imagegame", ["Command: x", "X X"], UNREADABLE),
        ("referencegame", ["a cross"], NO_TAG),
        ("referencegame", ["Answer: first"], WRONG_TAG),
        ("referencegame", ["Expression: a\ncross"], EXTRA),
        ("referencegame", ["Expression: a", "Answer: none"], UNREADABLE),
        ("air_balloon_survival", ["PROPOSAL: {'A'}"], NO_TAG),
    ],
)
def test_malformed_replies_have_a_flaw(
    game: str, replies: list[str], flaw: Flaw
) -> None:
    """Four words say in every game what is wrong with the form of a reply."""
    verdict = judge(game, *replies)
    assert isinstance(verdict, Malformed)
    assert verdict.flaw is flaw


@pytest.mark.parametrize(
    ("game", "replies", "kind"),
    [
        ("taboo", ["CLUE: it flies"], Accepted),
        ("taboo", ["CLUE: zz", "GUESS: wrong"], Accepted),
        ("taboo", ["CLUE: <target>"], Illegal),
        ("guesswhat", ["QUESTION: Is the target word a noun?"], Illegal),
        ("wordle", ["explanation: a\nguess: zzzzz"], Illegal),
        ("codenames", ["CLUE: x\nTARGETS: qwert"], Impossible),
        ("adventuregame", ["> open heaven"], Impossible),
        ("clean_up", [SAYS, "MOVE: ?, (1, 1)"], Impossible),
        ("dond", ["Hello!"], Accepted),
        ("dond", [OFFER], Impossible),
        (
            "textmapworld",
            ["GO: north", "GO: north", "GO: north", "GO: north"],
            Impossible,
        ),
        ("referencegame", ["Expression: a", "Answer: first"], Accepted),
    ],
)
def test_well_formed_replies_are_allowed_forbidden_or_impossible(
    game: str, replies: list[str], kind: type[Verdict]
) -> None:
    """A rule may forbid what could be done; whether a reply is right is no matter."""
    assert isinstance(judge(game, *replies), kind)


def test_the_end_is_an_event_with_its_reason() -> None:
    """It is the last one, in the round that it was in."""
    instance = make_instances(GAMES["taboo"], "test", seed=0)[0]
    master = play(instance, "CLUE: zz", "GUESS: a", "CLUE: zz", "no")
    assert master.events[-1] == (1, Ended(Outcome.ABORTED, "format"))


def test_copies_share_their_events() -> None:
    """What was noticed is never changed, so there is no need to copy it."""
    instance = make_instances(GAMES["taboo"], "test", seed=0)[0]
    master = play(instance, "CLUE: zz")
    twin = copy.deepcopy(master)
    assert twin.events is not master.events
    assert all(a[1] is b[1] for a, b in zip(twin.events, master.events, strict=True))


@pytest.mark.parametrize(
    ("reply", "flaw"),
    [
        ("A: x", None),
        ("A:", None),
        ("x", NO_TAG),
        ("a: x", NO_TAG),
        ("B: A: x", WRONG_TAG),
        ("x A: y", EXTRA),
        ("", NO_TAG),
    ],
)
def test_a_reply_that_should_begin_with_a_tag(reply: str, flaw: Flaw | None) -> None:
    """Another tag at the start counts more than the right one further on."""
    assert find_flaw(reply, "A:", ["B:"]) is flaw


def test_a_prompt_is_read_without_its_last_line_break() -> None:
    """Only one goes: a text that ends in an empty line keeps one."""
    assert read_prompt("taboo", "guesser.txt").endswith(">")
    assert read_prompt("air_balloon_survival", "reasoning.txt").endswith("}\n")
