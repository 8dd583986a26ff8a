"""Replay: recorded episodes agree with our rules, and a difference is found."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from games.bridge import Wording
from games.clembench.replay import Agreement, main, settle
from games.contract import Instance
from games.events import Event
from games.registry import GAMES
from games.session import Session, expert_pair
from tests.games.oracle import ORACLE, RECORDED
from tests.games.playing import list_keys, score_episode, score_turns, take_notes

DATA = {"target_word": "horse", "related_word": ["ride", "pony", "race track"]}


def recorded(skill: float = 1.0) -> dict:
    """Return an episode of taboo, played here, in the form of a recording."""
    game, instance = GAMES["taboo"], Instance("taboo", "high_en", "1", DATA)
    players = expert_pair(game, instance, skill, seed=0)
    session = Session(game, instance, dict.fromkeys(players, "expert"))
    while session.role is not None:
        session.reply(players[session.role](session.messages()))
    notes = take_notes(session.master)
    return {
        "id": "1",
        "game": "taboo",
        "experiment": "high_en",
        "experiment_hash": "x",
        "instance": DATA,
        "responses": [
            {
                "player": f"Player {1 + (turn.role == 'guesser')}",
                "kind": "model",
                "context": turn.context,
                "text": turn.reply,
            }
            for turn in session.turns
        ],
        "outcome": {"aborted": 0, "success": 1, "lose": 0},
        "main_score": session.master.main_score,
        "episode_scores": score_episode(session.master),
        "turn_scores": score_turns(session.master),
        "gm_events": [
            [["GM", "GM", note.kind, note.content] for note in notes if note.round == n]
            for n in range(session.master.round + 1)
        ],
        "extra_keys": list_keys(session.master),
    }


def replayed(folder: Path, record: dict) -> int:
    """Write a recording as files and replay it; return the exit code."""
    (folder / "experiments").mkdir()
    parameters = json.dumps({"x": {"name": "high_en"}})
    (folder / "experiments" / "taboo.json").write_text(parameters)
    with gzip.open(folder / "taboo.jsonl.gz", "wt") as file:
        file.write(json.dumps(record) + "\n")
    return main([str(folder / "taboo.jsonl.gz")])


@pytest.mark.parametrize("game", sorted(RECORDED))
def test_every_recorded_episode_agrees(
    game: str, capsys: pytest.CaptureFixture
) -> None:
    """The benchmark's own episodes have the same contexts, scores and notes here."""
    path = ORACLE / f"{game}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no recorded episodes of {game} beside the repository ({path})")

    agreed = main([str(path)])

    printed = capsys.readouterr().out
    assert agreed == 0, printed
    assert int(printed.split()[1]) > 10
    assert "not computed here" not in printed


def test_what_was_played_here_agrees(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """A recording of our own game agrees on everything."""
    assert replayed(tmp_path, recorded()) == 0
    assert capsys.readouterr().out == (
        "taboo: 1 episodes; agreed on outcome 1, main score 1, contexts 1, "
        "episode scores 1, turn scores 1, notes 1, keys 1\n"
    )


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("main score", {"main_score": 12.5}),
        ("main score", {"main_score": None}),
        ("outcome", {"outcome": {"aborted": 0, "success": 0, "lose": 1}}),
        ("outcome", {"responses": recorded()["responses"][:1]}),
        ("outcome", {"responses": recorded()["responses"] * 2}),
        ("episode scores", {"episode_scores": {"Request Count": 9}}),
    ],
)
def test_a_difference_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture, check: str, change: dict
) -> None:
    """Each of the things that are compared can disagree, and is then shown."""
    assert replayed(tmp_path, recorded() | change) == 1
    printed = capsys.readouterr().out
    assert f"{check} 0" in printed
    assert f"  1: {check}: ours" in printed


def test_what_was_not_scored_has_no_outcome_to_agree_on(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """Where clembench's scorer failed, the rest has to agree, and our score be NaN."""
    record = recorded() | {"outcome": None, "main_score": None, "episode_scores": None}
    assert replayed(tmp_path, record) == 1
    assert "main score: ours 100.0, recorded None" in capsys.readouterr().out


def test_a_score_that_is_not_computed_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """A recorded score that the game lacks is no disagreement, but it is said."""
    record = recorded()
    record["episode_scores"] |= {"Aborted": 0, "Elegance": 3}
    assert replayed(tmp_path, record) == 0
    assert capsys.readouterr().out.endswith("\n  not computed here: Elegance\n")


def test_another_context_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """One blank more in what a role sees is a disagreement."""
    record = recorded()
    record["responses"][1]["context"] += " "
    assert replayed(tmp_path, record) == 1
    assert "contexts 0" in capsys.readouterr().out


def test_a_file_of_something_else_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """A file that holds no recordings is one sentence."""
    (tmp_path / "notes.jsonl").write_text("{}\n")
    assert main([str(tmp_path / "notes.jsonl")]) == 2
    assert "notes.jsonl cannot be replayed" in capsys.readouterr().err


def test_a_game_that_is_not_ours_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """Recordings of an unknown game are counted, and not passed over in silence."""
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "chess.json").write_text('{"x": {}}')
    line = json.dumps({"game": "chess", "experiment_hash": "x"})
    (tmp_path / "chess.jsonl").write_text(f"{line}\n{line}\n")
    assert main([str(tmp_path / "chess.jsonl")]) == 1
    assert "chess: 2 episodes; not replayed" in capsys.readouterr().out


TABOO = GAMES["taboo"]


@dataclass(frozen=True, slots=True)
class Heard(Event):
    """A reply, before it is judged."""

    reply: str


class Noticing(TABOO.master):
    """Taboo with a referee who notices each reply."""

    def step(self, reply: str) -> None:
        """Judge, and notice."""
        self.emit(Heard(reply))
        super().step(reply)


def word(master: Noticing, event: Event) -> Iterable[Wording]:
    """Say what was heard besides what taboo says."""
    if isinstance(event, Heard):
        return [("heard", (event.reply,))]
    return TABOO.bridge.word(master, event)


BRIDGE = replace(
    TABOO.bridge,
    word=word,
    score_turns=lambda _: {"0": {"Accuracy": 1.0}},
    # a key whose number of rounds JSON turns into a text
    list_keys=lambda _: {"Rounds": {0: [1]}, "Secret": "not recorded"},
)


@pytest.fixture
def noticing(monkeypatch: pytest.MonkeyPatch) -> dict:
    """Let taboo notice; return a recording of that."""
    noticing = replace(TABOO, master=Noticing, bridge=BRIDGE)
    monkeypatch.setitem(GAMES, "taboo", noticing)
    record = json.loads(json.dumps(recorded()))
    del record["extra_keys"]["Secret"]
    return record


def test_turn_scores_notes_and_keys_agree(
    tmp_path: Path, noticing: dict, capsys: pytest.CaptureFixture
) -> None:
    """What the referee noticed, scored and kept is compared as it is written."""
    assert replayed(tmp_path, noticing) == 0
    assert "turn scores 1, notes 1, keys 1\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("turn scores", {"turn_scores": {"0": {"Accuracy": 0}}}),
        ("turn scores", {"turn_scores": {"1": {"Accuracy": 1}}}),
        ("turn scores", {"turn_scores": {}}),
        ("keys", {"extra_keys": {"Rounds": {"0": [1, 2]}}}),
        ("notes", {"gm_events": []}),
        ("notes", {"gm_events": [[["GM", "GM", "heard", ["?"]]]]}),
        ("notes", {"gm_events": [[], [["GM", "GM", "heard", "CLUE"]]]}),
    ],
)
def test_another_notice_is_found(
    tmp_path: Path,
    noticing: dict,
    capsys: pytest.CaptureFixture,
    check: str,
    change: dict,
) -> None:
    """A turn score, note or key that differs, lacks or is one too many is shown."""
    assert replayed(tmp_path, noticing | change) == 1
    printed = capsys.readouterr().out
    assert f"{check} 0" in printed
    assert f"  1: {check}: ours" in printed


def test_what_a_game_never_notices_is_no_error() -> None:
    """A game that has no notes in any episode lacks them, and is not wrong."""
    lacking = Agreement("1", lacking={"notes"})
    assert settle([lacking, Agreement("2", lacking={"notes"})]) == {"notes"}
    assert not lacking.wrong


def test_what_a_game_notices_at_times_is_wrong_at_others() -> None:
    """A game that has notes in one episode must have them in each that has some."""
    lacking = Agreement("1", lacking={"notes"})
    assert settle([lacking, Agreement("2", compared={"notes"})]) == set()
    assert lacking.wrong.keys() == {"notes"}


def test_the_example_of_a_recording_agrees(capsys: pytest.CaptureFixture) -> None:
    """What docs/transcripts.md shows can be replayed as it stands."""
    example = Path(__file__).parents[3] / "docs/recording/taboo.jsonl"
    assert main([str(example)]) == 0
    assert "taboo: 1 episodes; agreed on outcome 1" in capsys.readouterr().out
    assert main([str(example.with_name("none.jsonl"))]) == 2
    assert "such as docs/recording/taboo.jsonl" in capsys.readouterr().err
