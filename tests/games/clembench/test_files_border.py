"""Clembench's files that somebody has edited are read, or refused in a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.checks.conformance import make_instances
from games.clembench.instances import read_instances
from games.clembench.layouts import Layout
from games.clembench.read import read_results
from games.clembench.replay import main
from games.clembench.write import write_results
from games.errors import InstanceError, StudyError
from games.registry import GAMES
from games.session import expert_pair, play_episode
from tests.broken import break_document, is_one_sentence, modest
from tests.games.clembench.test_replay import recorded

GAME = GAMES["taboo"]
EXAMPLES = 80
"""Of each kind of file."""


def list_experiments() -> dict[str, Any]:
    """List instances as clembench's files do."""
    experiments = [
        {
            "name": one.variant,
            "max_turns": 3,
            "describer_initial_prompt": "Explain $TARGET_WORD$.",
            "game_instances": [{"game_id": 0} | one.data, {"game_id": 1} | one.data],
        }
        for one in make_instances(GAME, "train", seed=0)[::4]
    ]
    return {"experiments": experiments}


@settings(modest, max_examples=EXAMPLES)
@given(read=break_document(list_experiments()))
def test_a_file_of_instances_is_taken_or_refused(read: Any, tmp_path: Path) -> None:
    """What is taken has names of its own, and no half of a character."""
    path = tmp_path / "taboo/in/instances_v1.0.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(read))
    try:
        found = read_instances(tmp_path, "taboo", "v1.0")
        for one in found:
            GAME.master(one)
    except InstanceError as error:
        assert is_one_sentence(str(error)), str(error)
        return
    assert len({one.instance_id for one in found}) == len(found) > 0
    for one in found:
        assert isinstance(one.variant, str)
        json.dumps(one.data, ensure_ascii=False).encode()


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("ours", [True, False], ids=["written here", "clembench's"])
def test_a_folder_of_results_is_read_or_refused(
    layout: Layout, ours: bool, tmp_path: Path
) -> None:
    """What is read is an episode: texts, whole numbers, a score of 0 to 100."""
    instance = make_instances(GAME, "train", seed=0)[0]
    episode = play_episode(GAME, instance, expert_pair(GAME, instance, 1.0, 0))
    known = {("taboo", instance.instance_id): instance}
    write_results(tmp_path, [episode], known, layout)
    files = {path: json.loads(path.read_text()) for path in tmp_path.rglob("*.json")}
    for path in files:
        if not ours and path.name == "interactions.json":
            del files[path]["study"]

    @settings(modest, max_examples=EXAMPLES // 2)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        edited = data.draw(st.sampled_from(sorted(files)))
        broken = data.draw(break_document(files[edited]))
        for path, content in files.items():
            path.write_text(json.dumps(broken if path == edited else content))
        try:
            found = read_results(tmp_path)
        except StudyError as error:
            assert is_one_sentence(str(error)), str(error)
            return
        for one in found.episodes:
            assert one.outcome == "aborted" or 0 <= one.main_score <= 100
            assert all(isinstance(turn.reply, str) for turn in one.turns)
            assert isinstance(one.seed, int)

    check()


RECORDED = recorded()


@settings(modest, max_examples=EXAMPLES)
@given(record=break_document(RECORDED))
def test_a_recording_is_replayed_or_refused(
    record: Any, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """It agrees, differs (1), or is no recording (2), which is one sentence."""
    (tmp_path / "experiments").mkdir(exist_ok=True)
    parameters = json.dumps({"x": {"name": "high_en"}})
    (tmp_path / "experiments/taboo.json").write_text(parameters)
    (tmp_path / "one.jsonl").write_text(json.dumps(record))
    code = main([str(tmp_path / "one.jsonl")])
    printed = capsys.readouterr().err.strip()
    assert (code == 2) == bool(printed)
    assert code != 2 or is_one_sentence(printed), printed
