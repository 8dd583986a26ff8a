"""The check of a GPU: every part runs, on a CPU in small, and the limits hold."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from games.errors import ParamsError
from games.registry import GAMES
from stages.base.tiny import make_tiny_policy
from stages.common.chat import ChatTemplate
from stages.common.policy import Policy
from stages.tools.gpu_check import __main__ as whole
from stages.tools.gpu_check import decoding, grpo, models, selfplay, study, training
from stages.tools.gpu_check.found import Figure, read_figure, tell_all
from stages.tools.selfplay_speed.relay import GAME, shorten

ROOT = Path(__file__).parents[3]
TINY = {
    "hidden_size": 48,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


@pytest.fixture
def policy() -> Policy:
    """Return a tiny untrained policy."""
    model, tokenizer = make_tiny_policy(hidden_size=32, layers=2)
    return Policy(model.eval(), tokenizer, ChatTemplate(tokenizer))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_one_sentence_says_so() -> None:
    """On the error stream, with exit status 1, and nothing is written."""
    file = ROOT / whole.FILE
    before = file.read_text()
    done = subprocess.run(
        [sys.executable, "-m", "stages.tools.gpu_check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: there is no GPU here")
    assert len(done.stderr.splitlines()) == 1
    assert file.read_text() == before


def test_all_ways_of_playing_sample_the_same_replies(policy: Policy) -> None:
    """Peers get the prompts that the engine got, turn by turn."""
    row, tables = selfplay.play(policy, 3, shorten(6))
    turns = selfplay.list_prompts(tables)

    assert [len(prompts) for prompts in turns] == [3] * 4
    for table in tables:
        stream = table.streams[GAME.spec.roles[0]]
        assert stream.ids[: stream.starts[1]] in turns[2]
    other = selfplay.sample_again("generate", policy, turns, 6)
    for one in (row, other):
        assert one.value > 0
        assert one.unit == "tok/s"


def test_a_large_model_is_made_of_any_shape(policy: Policy) -> None:
    """With the vocabulary and the chat of another."""
    large = models.enlarge(policy, TINY, "bfloat16", "cpu")

    assert large.model.dtype == torch.bfloat16
    assert large.model.config.vocab_size == policy.model.config.vocab_size
    assert large.model.config.hidden_size == 48


def test_passes_of_the_engine_are_timed(policy: Policy) -> None:
    """Prompts by ids a second, steps by milliseconds, for each number of sessions."""
    rows = list(decoding.time_passes(policy, 5))

    assert [row.what for row in rows] == [
        "prompts, 2,000 ids at once",
        "a step of 1 sessions",
        "a step of 4 sessions",
    ]
    assert all(row.value > 0 for row in rows)


@pytest.mark.filterwarnings("ignore:`is_gradient_check:FutureWarning")
@pytest.mark.parametrize("autocast", [True, False])
def test_training_is_timed(
    autocast: bool, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch learns, whether activations are kept or computed again."""
    monkeypatch.setattr(training, "_STEPS", 2)
    batch = training.Batch(rows=2, length=16, rank=4, checkpointing=autocast)
    if autocast:
        policy = Policy(policy.model.bfloat16(), policy.tokenizer, policy.chat)

    row = training.train(policy, batch, autocast=autocast)

    assert row.more["steps"] == 2
    assert row.value > 0
    kinds = {w.dtype for w in policy.model.parameters() if w.requires_grad}
    assert kinds == {torch.float32}


@pytest.mark.filterwarnings("ignore:`is_gradient_check:FutureWarning")
def test_a_step_of_grpo_is_timed(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The study's trainer plays and learns, twice; the first step does not count."""
    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    monkeypatch.setitem(GAMES, GAME.spec.name, GAME)
    monkeypatch.chdir(ROOT)

    row = grpo.time_steps(policy, steps=2, groups=1, at_once=4)

    assert 0 < row.more["playing"] < row.value


def test_a_study_is_made_and_planned(tmp_path: Path) -> None:
    """From the files of this folder, and nothing that was made in it."""
    folder = tmp_path / "study"
    study.make_study(folder, "cpu")

    planned = study.run_study(folder, "--dry-run")

    assert "rule grpo:" in planned
    assert not (folder / "data").exists()
    assert "device: cpu" in (folder / "params.yaml").read_text()


@pytest.mark.slow
def test_the_study_runs_to_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is run on a GPU, here on the CPU."""
    monkeypatch.setattr(study, "_AT_ONCE", "2")
    study.make_study(tmp_path / "study", "cpu")

    study.run_study(tmp_path / "study")

    metrics = json.loads((tmp_path / "study/data/report/details.json").read_text())
    assert metrics.keys() >= {"base", "grpo/grpo", "expert", "verdicts"}


def test_a_row_is_read_as_it_was_told(capsys: pytest.CaptureFixture) -> None:
    """What fails says why; what is not a row is none."""

    def measure() -> object:
        yield Figure("training", "small", 1234, "tok/s", {"gib": 1.5})
        raise RuntimeError("out of\n memory")

    tell_all("training", measure(), "small, LoRA")

    lines = capsys.readouterr().out.splitlines()
    good, bad = map(read_figure, lines)
    assert good == Figure("training", "small", 1234, "tok/s", {"gib": 1.5})
    assert str(good).split() == ["training", "small", "1,234", "tok/s"]
    assert (bad.what, bad.value) == ("small, LoRA", "failed")
    assert bad.more == {"error": "out of memory"}
    assert read_figure("loading weights") is None


def test_parts_run_until_time_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """One that hangs is stopped with all it started; what has no time left is said."""
    monkeypatch.setattr(whole, "FILE", tmp_path / "speed.json")
    code = "from stages.tools.gpu_check import found; found.Figure('a', 'b', 1).tell()"
    (tmp_path / "good.py").write_text(code)
    (tmp_path / "hangs.py").write_text(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    )
    (tmp_path / "bad.py").write_text("print('about to'); raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    todo = [
        whole.Part("good", ["good"], 60),
        whole.Part("bad", ["bad"], 60),
        whole.Part("hangs", ["hangs"], 2),
    ]

    rows = whole.check(todo, {"rows": [], "not_run": []}, 100)
    late = whole.check(todo[:1], kept := {"rows": [], "not_run": []}, 0.5)

    assert [row.value for row in rows] == [1, "failed", "failed"]
    assert rows[1].more["error"] == "it ended with exit status 3"
    assert rows[2].more["error"] == "not done after 2 s"
    assert late == []
    assert kept["not_run"] == ["good"]
    assert "good: no time left" in capsys.readouterr().out


def test_parts_can_be_run_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others stay in the file, but only beside figures of the same card."""
    monkeypatch.setattr(whole, "FILE", tmp_path / "speed.json")
    of = {name: {"part": name, "value": 1} for name in ("GRPO", "tests")}
    old = {"card": "A", "versions": {}, "rows": [*of.values()]}
    old |= {"not_run": ["study", "training, small"]}
    whole.FILE.write_text(json.dumps(old))
    todo = whole.choose_parts(whole.list_parts(tmp_path), ["training", "GRPO"])

    same = whole.keep_others({"card": "A", "versions": {}}, todo)
    other = whole.keep_others({"card": "B", "versions": {}}, todo)

    names = {part.name for part in todo} - {"base policy"}
    assert names == {"training, small", "training, large", "GRPO"}
    assert (same["rows"], same["not_run"]) == ([of["tests"]], ["study"])
    assert (other["rows"], other["not_run"]) == ([], [])
    with pytest.raises(ParamsError, match="there is no part 'grpo': GRPO, "):
        whole.choose_parts(whole.list_parts(tmp_path), ["grpo"])


def test_what_is_kept_names_the_card_and_what_was_not_run() -> None:
    """The figures in docs/ are of one card, and every part is in one of two lists."""
    kept = json.loads((ROOT / whole.FILE).read_text())

    assert kept["card"]
    assert kept["versions"]["torch"]
    measured = {row["part"] for row in kept["rows"]}
    named = {part.name.split(",")[0] for part in whole.list_parts(Path())}
    assert named - {"base policy"} <= measured | {
        name.split(",")[0] for name in kept["not_run"]
    }
