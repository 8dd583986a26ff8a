"""Facts about privateshared: forms, probes, truth, scores, texts, recordings."""

import copy
import json
import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from games.checks.conformance import make_instances
from games.checks.hostile import HOSTILE
from games.clembench.instances import read_instances
from games.clembench.layouts import Layout
from games.clembench.read import read_results
from games.clembench.recordings import list_instances, read
from games.clembench.write import write_results
from games.contract import GameMaster, Instance, Kind, Outcome
from games.errors import InstanceError
from games.kit.splits import SPLITS, split_of
from games.privateshared import GAME
from games.privateshared.generator import make_domain, name_values
from games.privateshared.rules import (
    ANSWER,
    ASIDE,
    TRIES,
    compute_kappa,
    find_slots,
    read_aside,
    read_tagged,
)
from games.privateshared.sent import find_texts
from games.session import Session, expert_pair, play_episode
from tests.games.noted import assert_noted
from tests.games.oracle import CHECKOUT, ORACLE, original
from tests.games.playing import list_keys, play, score_episode, score_turns, take_notes

TALKS = ("travel-booking", "job-interview", "restaurant")
SLOTS = {"size": "Big", "hue": "Red", "age": "Old"}
DATA: dict[str, Any] = {
    "tag": "BUYER",
    "situation": "You sell this.",
    "slots": SLOTS,
    "request_order": ["hue", "size", "age"],
    "requests": dict.fromkeys(SLOTS, 0),
    "probes": {str(number): dict.fromkeys(SLOTS, 0) for number in range(4)},
    "texts": {
        "requests": {slot: [f"Which {slot}?"] for slot in SLOTS},
        "probes": {slot: [f"Is the {slot} known?"] for slot in SLOTS},
    },
}
NO, YES = "ASIDE: no", "ASIDE: yes"
FORMS = ["ME:  $question$ Say it.", *(f"ME: {n} $question$" for n in range(4))]


def made(**changes: Any) -> Instance:
    """Return an instance of three slots."""
    return Instance("privateshared", "restaurant", "x", DATA | changes)


def started(**changes: Any) -> Session:
    """Return a session of that instance."""
    return Session(GAME, made(**changes), {"answerer": "any"})


def played(*replies: str, **changes: Any) -> GameMaster:
    """Return a master that has been given some replies."""
    return play(made(**changes), *replies)


def probed(*known: str) -> list[str]:
    """Return replies that call these slots known, and no other."""
    return [YES if slot in known else NO for slot in SLOTS]


PERFECT = [
    *probed(),
    *("ANSWER: red", *probed("hue")),
    *("ANSWER: It is big.", *probed("hue", "size")),
    *("ANSWER: OLD", *probed("hue", "size", "age")),
]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("ASIDE: Yes.", "yes"),
        ("ASIDE:NO", "no"),
        ("ASIDE: nobody asked", "no"),
        ("ASIDE: yesterday", "yes"),
        ("ASIDE: ASIDE: no", "no"),
        ("\n\nASIDE: no", "NA"),
        ("ASIDE: no\n\n", "no"),
        ("ASIDE: no\nANSWER: no", "NA"),
        ("ASIDE: I think yes", "NA"),
        ("aside: yes", "NA"),
        ("ANSWER: yes", "NA"),
        ("yes", "NA"),
        ("ASIDE:", "NA"),
        ("", "NA"),
    ],
)
def test_asides(reply: str, said: str) -> None:
    """One line behind the tag, which begins with yes or no in any capitals."""
    assert read_aside(reply) == said


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("ANSWER: Red.", "Red."),
        ("ANSWER:red ANSWER: or blue", "red  or blue"),
        ("ANSWER:", ""),
        ("ANSWER: red\n", "red"),
        ("ANSWER: red\nASIDE: no", None),
        ("Answer: red", None),
        ("red", None),
    ],
)
def test_answers(reply: str, said: str | None) -> None:
    """One line behind the tag; what it says is free."""
    assert read_tagged(reply, ANSWER) == said


def test_values_are_found_inside_words() -> None:
    """A slot is filled by its value anywhere in the answer, whatever the capitals."""
    assert find_slots("the BIGGEST bored", SLOTS) == ["size", "hue"]
    assert find_slots("tiny", SLOTS) == []


def test_the_chat_begins_with_an_agreement_and_keeps_no_aside() -> None:
    """Prompt and "Ok." are given; of what is played only requests and answers stay."""
    session = started(initial_prompt="Sell!")
    for reply in PERFECT[:6]:
        session.reply(reply)
    assert [message["content"] for message in session.messages()] == [
        *("Sell!", "Ok."),
        *("BUYER: Which hue?", "ANSWER: red"),
        "ME: Is the age known?",
    ]
    kinds = [turn.kind for turn in session.turns]
    assert kinds == [Kind.GIVEN, *[Kind.ASIDE] * 3, Kind.SAID, *[Kind.ASIDE] * 2]


def test_our_own_prompt_ends_in_the_facts() -> None:
    """Tag and situation are filled in, and the slots stand last."""
    ((prompt, reply),) = GAME.master(made()).list_opening("answerer")
    assert prompt.startswith("You sell this. BUYER knows nothing")
    assert prompt.endswith("\n\nSIZE: Big\nHUE: Red\nAGE: Old")
    assert "$" not in prompt
    assert reply == "Ok."


def test_the_instance_s_words_surround_a_probe() -> None:
    """Each try has its own form; blanks stay as they are, but not in the keys."""
    master = played(probe_forms=FORMS)
    seen = []
    for _ in range(TRIES):
        seen.append(master.observe())
        master.step("well")
    tail = "Is the size known?"
    assert seen == [f"ME:  {tail} Say it.", *(f"ME: {n} {tail}" for n in range(4))]
    (round_0,) = list_keys(master)["probes"]
    assert round_0[0]["question"] == f"ME: {tail} Say it."


def test_our_own_probe_names_its_form_only_when_it_is_asked_again() -> None:
    """A model pays for every token."""
    assert played().observe() == "ME: Is the size known?"
    again = "ME: Is the size known? Reply with ASIDE: yes or ASIDE: no"
    assert played("no").observe() == again


@pytest.mark.parametrize("before", range(0, 16, 5))
def test_the_fifth_bad_reply_to_a_probe_aborts(before: int) -> None:
    """Four are forgiven, for every probe anew; answers do not count among them."""
    replies = PERFECT[: before - before % 4]
    forgiven = ["well"] * (TRIES - 1)
    master = played(*replies, *forgiven, NO, *forgiven)
    assert master.outcome is None
    master.step("well")
    assert (master.outcome, master.reason) == (Outcome.ABORTED, "format")
    assert math.isnan(master.main_score)
    assert list_keys(master)["Aborted"] is True
    scores = score_episode(master)
    assert scores["Violated Request Count"] == 9
    assert math.isnan(scores["Accuracy"])
    assert [note.kind for note in take_notes(master)][-2:] == ["invalid format", "end"]
    assert list(score_turns(master)) == [str(n) for n in range(len(replies) // 4)]


def test_what_was_not_asked_any_more_is_logged_without_an_answer() -> None:
    """A failed probe has one try more than was made, and the value 2."""
    master = played(NO, *["well"] * TRIES)
    (probes,) = list_keys(master)["probes"]
    assert [probe["target"] for probe in probes] == ["SIZE", "HUE", "AGE"]
    assert [probe.get("value") for probe in probes] == [0, 2, None]
    assert [probe.get("tries") for probe in probes] == [1, 6, None]


def test_everything_right_is_a_success() -> None:
    """Every slot filled and every probe answered by what is known."""
    master = played(*PERFECT)
    assert (master.outcome, master.reason) == (Outcome.SUCCESS, "all correct")
    assert master.main_score == 100
    assert score_episode(master) == {
        "Middle-Accuracy": 1,
        "Accuracy": 1,
        "Kappa": 1,
        "Truncated Kappa": 1,
        "Slot-Filling-Accuracy": 1,
        "Request Count": 15,
        "Parsed Request Count": 15,
        "Violated Request Count": 0,
        "Request Success Ratio": 1,
    }
    notes = take_notes(master)
    assert [note.round for note in notes if "Slot" in note.content] == [0, 1, 2]


@pytest.mark.parametrize(
    ("place", "reply", "score"),
    [
        (3, "ANSWER: blue", 80),
        (1, YES, 100 * 2 * (5 / 6) / (1 + 5 / 6)),
        (14, NO, 100 * 2 * (5 / 6) / (1 + 5 / 6)),
    ],
)
def test_one_mistake_loses(place: int, reply: str, score: float) -> None:
    """The main score is the harmonic mean of slot accuracy and kappa."""
    master = played(*PERFECT[:place], reply, *PERFECT[place + 1 :])
    assert (master.outcome, master.reason) == (Outcome.LOSE, "mistakes")
    assert master.main_score == pytest.approx(score)


def test_a_kappa_below_chance_counts_as_nothing() -> None:
    """With every probe answered wrongly the main score is 0."""
    flipped = {YES: NO, NO: YES}
    master = played(*(flipped.get(reply, reply) for reply in PERFECT))
    assert (master.outcome, master.main_score) == (Outcome.LOSE, 0)
    assert score_episode(master)["Kappa"] == -1
    nothing = played(*("ANSWER: ?" if r.startswith(ANSWER) else YES for r in PERFECT))
    assert (nothing.outcome, nothing.main_score) == (Outcome.LOSE, 0)


@pytest.mark.parametrize(
    ("pairs", "agreement"),
    [
        ([(0, 0), (1, 1)], 1),
        ([(0, 1), (1, 0)], -1),
        ([(0, 0), (1, 0)], 0),
        ([(0, 0), (0, 0), (1, 1), (1, 0)], 0.5),
        ([(0, 0)], math.nan),
        ([(1, 1)] * 3, math.nan),
        ([], math.nan),
    ],
)
def test_kappa(pairs: list[tuple[int, int]], agreement: float) -> None:
    """It is Cohen's, undefined where both sides are always the same one value."""
    assert compute_kappa(pairs) == pytest.approx(agreement, nan_ok=True)


def test_a_value_said_early_is_known_from_then_on() -> None:
    """The truth moves to the earlier request, and never to a later one."""
    replies = [*probed(), "ANSWER: red and old", *probed("hue", "age")]
    replies += ["ANSWER: big, red", *probed(*SLOTS), "ANSWER: old", *probed(*SLOTS)]
    master = played(*replies)
    assert (master.outcome, master.main_score) == (Outcome.SUCCESS, 100)
    anticipated = "Value for AGE anticipated; ground truth turn updated from 2 to 0."
    noted = [(n.round, n.content) for n in take_notes(master) if "Value" in n.content]
    assert noted == [(0, anticipated)]
    realised = list_keys(master)["realised_slots"]
    assert realised == {"hue": 0, "size": 1, "age": 0}


def test_an_answer_in_the_wrong_form_is_passed_over() -> None:
    """No probes follow it, nothing is said by it, and yet the slot counts as known."""
    master = played(*probed(), "red, old")
    assert (master.observe(), master.round) == ("BUYER: Which size?", 1)
    for reply in ["ANSWER: big", *probed("hue", "size"), "old"]:
        master.step(reply)
    assert (master.outcome, master.main_score) == (Outcome.SUCCESS, 100)
    keys = list_keys(master)
    assert keys["Request Count"] == keys["Parsed Request Count"] == [3, 0, 4, 0]
    assert keys["Violated Request Count"] == [0, 1, 0, 1]
    assert (keys["Filled Slots"], keys["Played Probe Rounds"]) == ([True], 2)
    assert [(n.round, n.kind) for n in take_notes(master)][-1] == (2, "end")


def test_scores_of_rounds_go_by_place_and_counts_by_round() -> None:
    """So clembench's scorer has it after an answer in the wrong form."""
    master = played(*probed(), "red", "ANSWER: big", *probed("hue"))
    assert score_turns(master)["1"] == {
        "Request Count": 0,
        "Parsed Request Count": 0,
        "Violated Request Count": 1,
        "Accuracy": pytest.approx(2 / 3),
        "Slot Filled?": 1,
    }


def test_without_any_valid_answer_the_episode_is_aborted() -> None:
    """There is nothing to score; clembench's own key calls only probes aborted."""
    master = played(*probed(), "red", "big", "old")
    assert (master.outcome, master.reason) == (Outcome.ABORTED, "no valid answer")
    assert math.isnan(master.main_score)
    assert math.isnan(score_episode(master)["Slot-Filling-Accuracy"])
    assert score_episode(master)["Request Success Ratio"] == 1
    assert list_keys(master)["Aborted"] is False


def test_a_round_may_ask_about_some_slots_only() -> None:
    """In the order of its probes."""
    probes = DATA["probes"] | {"0": {"age": 0, "size": 0}}
    master = played(probes=probes)
    assert master.observe() == "ME: Is the age known?"
    assert played(NO, NO, probes=probes).observe() == "BUYER: Which hue?"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"slots": {}}, "0 slots"),
        ({"slots": dict.fromkeys(map(str, range(16)), "x")}, "16 slots"),
        ({"request_order": ["hue", "size"]}, "every slot once"),
        ({"request_order": ["hue", "size", "size"]}, "every slot once"),
        ({"requests": {"hue": 0}}, "is missing"),
        ({"requests": dict.fromkeys(SLOTS, 1)}, "is missing"),
        ({"requests": dict.fromkeys(SLOTS, "one")}, "is missing"),
        ({"probes": {"0": {"hue": 0}}}, "is missing"),
        ({"probes": {n: {} for n in "0123"}}, "round 0 asks nothing"),
        ({"probes": {n: {"mood": 0} for n in "0123"}}, "is missing"),
        ({"texts": {}}, "is missing"),
        ({"probe_forms": ["$question$"]}, "must be 5"),
    ],
)
def test_bad_instances_are_refused(changes: dict[str, Any], complaint: str) -> None:
    """In a sentence, before anything is asked."""
    with pytest.raises(InstanceError, match=complaint):
        played(**changes)


def test_an_instance_without_words_is_refused() -> None:
    """It has a prompt of its own, or a situation for ours."""
    data = {key: value for key, value in DATA.items() if key != "situation"}
    with pytest.raises(InstanceError, match="'initial_prompt' nor 'situation'"):
        GAME.master(Instance("privateshared", "restaurant", "x", data))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_replies_are_judged(name: str) -> None:
    """Bare or behind a tag, at a probe and at a request, no reply raises."""
    text = HOSTILE[name]
    for before in ([], PERFECT[:3]):
        for reply in (text, f"{ASIDE} {text}", f"{ANSWER} {text}", f"{ASIDE}no{text}"):
            session = started()
            for said in [*before, reply]:
                session.reply(said)
            player = expert_pair(GAME, made(), 1.0, 0)["answerer"]
            while session.role:
                session.reply(player(session.messages()))


def test_no_reply_is_asked_for_more_often_than_the_spec_says() -> None:
    """The longest episode answers every probe at the fifth try."""
    (one,) = (
        Instance("privateshared", "things-places", "x", data)
        for data in GAME.generate("things-places", "test", 1, random.Random(0))
    )
    master, replies = GAME.master(one), 0
    while master.role:
        is_last = "ME: " in master.observe() and replies % TRIES == TRIES - 1
        valid = master.kind is Kind.SAID
        said = f"{ANSWER} x" if valid else NO if is_last else "well"
        master.step(said)
        replies += not valid
    asked = sum(list_keys(master)["Request Count"])
    assert asked == GAME.spec.max_turns == 1215


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_domains_are_as_large_as_clembench_s(variant: str) -> None:
    """Slots, requests and probes of a slot, and ten values in the talks."""
    slots = make_domain(variant)["slots"]
    number = {"things-places": 15, "letter-number": 10}.get(variant, 5)
    assert len(slots) == number
    for texts in slots.values():
        requests, probes = (len(set(texts[kind])) for kind in ("requests", "probes"))
        if variant in TALKS:
            assert (requests, len(set(texts["values"]))) == (5, 10)
            assert 4 <= probes <= 10
        else:
            assert (requests, probes) == (1, 1)


@pytest.mark.parametrize("variant", GAME.spec.variants)
def test_no_text_is_about_two_slots(variant: str) -> None:
    """Texts differ, and no value gives away another slot's."""
    slots = make_domain(variant)["slots"]
    for kind in ("requests", "probes"):
        texts = [text for one in slots.values() for text in one[kind]]
        assert len(set(texts)) == len(texts)
    for instance in make_instances(GAME, "train", seed=3):
        values = instance.data["slots"]
        for slot, value in values.items():
            assert find_slots(value, values) == [slot]


@pytest.mark.parametrize("variant", TALKS)
def test_no_value_of_a_talk_stands_in_one_of_another_slot(variant: str) -> None:
    """Whatever is drawn, an answer with one value gives away one slot."""
    slots = make_domain(variant)["slots"]
    pairs = [(slot, value) for slot, one in slots.items() for value in one["values"]]
    for slot, value in pairs:
        inside = [v for other, v in pairs if other != slot and v.lower() in value]
        assert inside == [], f"{slot} {value}"


@pytest.mark.parametrize("variant", GAME.spec.variants)
@pytest.mark.parametrize("split", SPLITS)
def test_values_belong_to_one_split(variant: str, split: str) -> None:
    """All together, and the same seed gives the same instances."""
    one, two = (GAME.generate(variant, split, 30, random.Random(5)) for _ in "ab")
    assert one == two
    keys = [name_values(data["slots"]) for data in one]
    assert len(set(keys)) == 30
    assert {split_of(key) for key in keys} == {split}


def test_a_used_up_split_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many instances are an error that says where to ask for fewer."""
    monkeypatch.setattr("games.kit.splits.PATIENCE", 0)
    with pytest.raises(InstanceError, match="lower instances"):
        GAME.generate("restaurant", "test", 1, random.Random(0))


def test_experts_win_as_often_as_they_are_skilled() -> None:
    """However long the episode is."""
    for variant in ("restaurant", "letter-number"):
        data = GAME.generate(variant, "train", 100, random.Random(1))
        for skill, low, high in (
            (1, 100, 100),
            (0.8, 70, 92),
            (0.4, 28, 55),
            (0, 0, 0),
        ):
            won = 0
            for number, one in enumerate(data):
                instance = Instance("privateshared", variant, str(number), one)
                pair = expert_pair(GAME, instance, skill, number)
                won += play_episode(GAME, instance, pair).outcome == "success"
            assert low <= won <= high, (variant, skill, won)


def test_experts_break_no_form_at_skill_1_and_some_at_0() -> None:
    """A wrong reply to a probe may lack its tag, which is asked for again."""
    episode = play_episode(GAME, made(), expert_pair(GAME, made(), 0.0, 4))
    replies = [turn.reply for turn in episode.turns if turn.kind == Kind.ASIDE]
    assert set(replies) >= {"no", NO, YES}


def test_the_referee_notes_what_clembench_notes() -> None:
    """Notes, keys and turn scores are those of every recorded episode."""
    assert_noted("privateshared")


def test_texts_are_recovered_from_where_they_were_sent() -> None:
    """A recording's texts are those of the checkout, as far as its game came."""
    path = ORACLE / "privateshared.jsonl.gz"
    if not path.exists() or not CHECKOUT.exists():
        pytest.skip(
            f"no recorded episodes or no checkout beside the repository ({path})"
        )
    theirs = {one.variant: one.data["texts"] for one in original("privateshared")}
    for (one,) in list_instances(read(path)):
        for kind, slots in one.data["texts"].items():
            for slot, texts in slots.items():
                known = theirs[one.variant][kind][slot]
                assert all(text in ("", known[n]) for n, text in enumerate(texts))


def test_clembench_s_scorer_finds_its_labels_and_keys(tmp_path: Path) -> None:
    """Asides are to be forgotten, the opening was not said; counts are by round."""
    session = started()
    for reply in PERFECT:
        session.reply(reply)
    known = {("privateshared", "x"): made()}
    write_results(tmp_path, [session.episode()], known, Layout.V3)
    (path,) = tmp_path.rglob("interactions.json")
    found = json.loads(path.read_text())
    labels = [
        [event["action"]["label"] for event in events if event["from"] != "GM"]
        for events in found["turns"]
    ]
    asides = ["forget"] * 3
    later = ["response", *asides]
    assert labels == [["pseudo", *asides, *later], later, later]
    assert found["Request Count"] == found["Parsed Request Count"] == [3, 4, 4, 4]
    assert found["Filled Slots"] == [True] * 3
    assert (found["Played Probe Rounds"], found["Aborted"]) == (4, False)
    assert [len(probes) for probes in found["probes"]] == [3] * 4


def test_recordings_are_read_as_clembench_s_results(tmp_path: Path) -> None:
    """Also the episodes that clembench could not score: our rules do."""
    path = ORACLE / "privateshared.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no recorded episodes beside the repository ({path})")
    records = read(path)
    for number, record in enumerate(records):
        write_as_clembench(tmp_path / f"0_{record['experiment']}" / str(number), record)
    found = read_results(tmp_path)
    assert len(found.episodes) == len(records)
    assert not found.undecided
    ends = Counter((one.outcome, one.reason) for one in found.episodes)
    unscored = sum(record["outcome"] is None for record in records)
    assert ends["aborted", "no valid answer"] == unscored > 0
    assert "as clembench says" not in {reason for _, reason in ends}


def write_as_clembench(folder: Path, record: dict[str, Any]) -> None:
    """Write a recording as the files that it was made from."""
    turns: list[list[Any]] = [[] for _ in range(record["n_rounds"])]

    def add(number: int, sides: tuple[str, str], **action: Any) -> None:
        turns[number].append({"from": sides[0], "to": sides[1], "action": action})

    for one in record["responses"]:
        number, player, label = one["round"], one["player"], one["label"]
        add(number, ("GM", player), content=one["context"], label=label)
        add(number, (player, "GM"), content=one["text"], label=label)
    for number, events in enumerate(record["gm_events"]):
        for sender, receiver, kind, content in events:
            add(number, (sender, receiver), type=kind, content=content)
    meta = {"game_name": "privateshared", "experiment_name": record["experiment"]}
    players = {name: {"model_name": name} for name in ("GM", "Player 1", "Player 2")}
    files = {
        "../experiment.json": record["experiment_params"],
        "instance.json": record["instance"],
        "interactions.json": record["extra_keys"]
        | {"meta": meta | {"game_id": 1}, "players": players, "turns": turns},
    }
    if record["episode_scores"]:
        files["scores.json"] = {"episode scores": record["episode_scores"]}
    folder.mkdir(parents=True)
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value))


def recording(replies: list[str]) -> tuple[list[dict[str, str]], GameMaster]:
    """Return what a recording of replies holds, and the master at its end."""
    session = started(probe_forms=FORMS)
    for reply in replies:
        session.reply(reply)
    labels = {Kind.SAID: "response", Kind.ASIDE: "forget", Kind.GIVEN: "pseudo"}
    responses = [
        {"player": "Player 1", "label": labels[t.kind], "context": t.context}
        for t in session.turns
    ]
    return responses, session.master


def test_a_log_is_read_only_of_a_round_that_broke_off() -> None:
    """After bad answers the last round logged is not the last round played."""
    responses, master = recording([*PERFECT[:3], "red", "big", "old"])
    texts = DATA["texts"] | {"probes": {slot: ["?", "??"] for slot in SLOTS}}
    probes = DATA["probes"] | {"3": dict.fromkeys(SLOTS, 1)}
    data = made(probe_forms=FORMS, probes=probes, texts=texts).data
    found = find_texts(data, responses, list_keys(master)["probes"])
    assert found["probes"]["hue"] == ["Is the hue known?", ""]


def test_all_texts_of_a_whole_recording_are_recovered() -> None:
    """Questions that were asked again are taken once."""
    responses, master = recording(["well", *PERFECT[:5], "no", *PERFECT[5:]])
    assert master.outcome == "success"
    data = made(probe_forms=FORMS).data
    logged = list_keys(master)["probes"]
    assert find_texts(data | {"texts": {}}, responses, logged) == DATA["texts"]


def test_texts_of_the_round_that_broke_off_come_from_the_log() -> None:
    """So the keys of an aborted recording can be compared; what is left is empty."""
    responses, master = recording([NO, *["well"] * TRIES])
    logged = copy.deepcopy(list_keys(master)["probes"])
    data = made(probe_forms=FORMS).data
    found = find_texts(data, responses, logged)
    assert found["probes"] == DATA["texts"]["probes"]
    assert found["requests"] == {slot: [""] for slot in SLOTS}
    assert find_texts(data, responses, [])["probes"]["age"] == [""]


@pytest.mark.parametrize("version", ["v0.9", "v0.9extended", "v1.0", "v1.6", "v2.0"])
def test_clembench_s_instances_are_won_by_experts(version: str) -> None:
    """With its own prompts and texts, of all versions."""
    for one in original("privateshared", version)[::7]:
        episode = play_episode(GAME, one, expert_pair(GAME, one, 1.0, 0))
        assert (episode.outcome, episode.main_score) == ("success", 100)
        assert episode.turns[0].context == one.data["initial_prompt"]
        assert episode.turns[1].context.startswith("ME:  ")
        assert episode.turns[1].context.endswith("with yes or no and then stop.")


def test_a_checkout_without_texts_is_a_sentence(tmp_path: Path) -> None:
    """Instances alone cannot be played."""
    folder = tmp_path / "privateshared" / "in"
    folder.mkdir(parents=True)
    experiments = [{"name": "restaurant", "game_instances": [DATA]}]
    (folder / "instances.json").write_text(json.dumps({"experiments": experiments}))
    with pytest.raises(InstanceError, match="without its texts"):
        read_instances(tmp_path, "privateshared", "v2.0")
